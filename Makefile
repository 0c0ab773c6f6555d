.DEFAULT_GOAL := help
.PHONY: help demo test test-containers package image deb chart format

DISTRIBUTION := deploy/target/postern

# A runtime for the image can be made of what Linux has; elsewhere the tests of the image are left out.
IMAGE_IN_TESTS := $(if $(filter Linux,$(shell uname -s)),-Pimage -Dimage.base=local)

# Where it takes the time it takes: generated sessions against a real Postfix, and messages in each of twenty sessions.
MORE_IN_CI := $(if $(CI),-Dpostern.test.submissions=10000 -Dpostern.test.messages-per-session=5000)

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
	  haproxy=haproxy systemd-analyze=systemd promtool=prometheus
	@.ci/mvn $(IMAGE_IN_TESTS) $(MORE_IN_CI) verify

test-containers: ## build the image and try it in front of Dovecot and Postfix, in containers of their own
	@.ci/need-packages mvn=maven python3=python3
	@deploy/src/test/containers/with-engine .ci/mvn -Pimage -Dimage.base=$(or $(IMAGE_BASE),local) -Dgroups=containers verify

package: ## build the distributable into deploy/target/postern, without running tests
	@.ci/mvn -DskipTests package
	@echo "Built $(DISTRIBUTION); run $(DISTRIBUTION)/bin/postern"

image: ## write the container image to deploy/target/postern-image.tar; IMAGE_BASE=local does so without a registry
	@.ci/need-packages mvn=maven python3=python3
	@.ci/mvn -q -Dquick -Pimage $(if $(IMAGE_BASE),-Dimage.base=$(IMAGE_BASE)) \
	  $(if $(IMAGE_ARCHITECTURE),-Dimage.architecture=$(IMAGE_ARCHITECTURE)) \
	  -Dimage.revision="$$(git rev-parse HEAD 2>/dev/null || echo unknown)" pre-integration-test || { \
	  echo "If the base image could not be pulled: name one that can, make image IMAGE_BASE=..., with a Java 25 runtime" >&2; \
	  echo "and a glibc; or make image IMAGE_BASE=local, on a runtime made of this JDK (see docs/deploy/image.md)." >&2; \
	  exit 1; }
	@echo "Built deploy/target/postern-image.tar; load it with podman load -i, or skopeo copy oci-archive:..."

deb: ## build the Debian package deploy/target/postern.deb, without running tests
	@.ci/mvn -DskipTests -Pdeb package
	@echo "Built deploy/target/postern.deb; install it with apt install ./deploy/target/postern.deb"

chart: ## lint the Helm chart, render it with many values, and package it into deploy/target
	@.ci/need-packages mvn=maven --optional promtool=prometheus
	@.ci/mvn -q -pl deploy -am test -Djacoco.skip -Dchart.readme.write=true \
	  -Dtest='dev/postern/deploy/chart/*Test' -Dsurefire.failIfNoSpecifiedTests=false
	@echo "Built $$(ls deploy/target/postern-*.tgz); install it with helm install"

format: ## format the Java sources
	@.ci/mvn -q com.diffplug.spotless:spotless-maven-plugin:apply
