.DEFAULT_GOAL := help
.PHONY: help demo test test-containers package format

DISTRIBUTION := deploy/target/postern

help: ## list the targets
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)$$/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 24

demo: ## build quickly, without tests, and run Postern in front of built-in demo mail servers
	@.ci/mvn -q -Dquick package
	@JAVA_HOME="$$(.ci/find-jdk)" $(DISTRIBUTION)/bin/postern demo

test: ## build everything, run all tests and quality gates
	@.ci/need-packages mvn=maven curl=curl openssl=openssl python3=python3 --optional \
	  /usr/lib/dovecot/imap:/usr/libexec/dovecot/imap=dovecot-imapd \
	  /usr/lib/dovecot/pop3:/usr/libexec/dovecot/pop3=dovecot-pop3d \
	  /usr/lib/dovecot/lmtp:/usr/libexec/dovecot/lmtp=dovecot-lmtpd \
	  postfix=postfix sslscan=sslscan swaks=swaks '/usr/lib/*/perl5/*/Net/SSLeay.pm=libnet-ssleay-perl' \
	  haproxy=haproxy
	@.ci/mvn verify

test-containers: ## build the image and try it in front of Dovecot and Postfix, in containers of their own
	@.ci/need-packages mvn=maven python3=python3
	@deploy/src/test/containers/with-engine .ci/mvn -Pimage -Dimage.base=$(or $(IMAGE_BASE),local) -Dgroups=containers verify

package: ## build the distributable into deploy/target/postern, without running tests
	@.ci/mvn -DskipTests package
	@echo "Built $(DISTRIBUTION); run $(DISTRIBUTION)/bin/postern"

format: ## format the Java sources
	@.ci/mvn -q com.diffplug.spotless:spotless-maven-plugin:apply
