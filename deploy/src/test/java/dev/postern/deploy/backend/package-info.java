/**
 * Real mail servers for the tests to talk to: Dovecot and Postfix, started for the test run,
 * cleartext, on loopback ports of their own, gone when it ends. What a test needs of them is {@link
 * dev.postern.deploy.backend.MailBackends}; how they are run must never show in it. Nothing here
 * may touch the machine's own mail service.
 *
 * <h2>What Dovecot 2.3.19 says</h2>
 *
 * As configured by {@code dovecot.conf}; {@code C:} and {@code S:} are exact, a line that ends in
 * {@code …} was shortened.
 *
 * <pre>
 * IMAP
 * S: * OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ AUTH=PLAIN AUTH=LOGIN] Dovecot (Debian) ready.
 * C: i ID ("x-session-id" "S1" "x-originating-ip" "192.0.2.4" …)
 * S: * ID ("name" "Dovecot")
 * S: i OK ID completed.
 * C: a LOGIN alice@example.test wrong
 * S: a NO [AUTHENTICATIONFAILED] Authentication failed.
 * C: b LOGIN alice@example.test "open sesame"
 * S: b OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT SORT=DISPLAY THREAD=REFERENCES …] Logged in
 *
 * POP3
 * S: +OK [XCLIENT] Dovecot (Debian) ready.
 * C: XCLIENT ADDR=192.0.2.5 PORT=7 SESSION=S2 TTL=6
 * S: +OK Updated
 * C: XCLIENT ADDR=junk
 * S: -ERR Invalid parameters
 * C: PASS wrong
 * S: -ERR [AUTH] Authentication failed.
 * C: PASS right
 * S: +OK Logged in.
 * </pre>
 *
 * <ul>
 *   <li>The reply to ID is the same whether the peer is trusted or not, and is not the "Trusted ID
 *       completed." of later versions.
 *   <li>A peer that is not trusted sees {@code +OK Dovecot (Debian) ready.}, and {@code +OK You are
 *       not from trusted IP - ignoring} after {@code XCLIENT}.
 *   <li>A client that asked for {@code CAPABILITY} before login gets an untagged {@code *
 *       CAPABILITY} and {@code OK Logged in} without a response code after it.
 *   <li>Invalid ID values (an address that is none, a session id over 64 octets, a TTL of 0) are
 *       ignored without a word; a TTL of 1 does not hinder a login.
 *   <li>An ID after login is logged, too; {@code rip} stays.
 *   <li>{@code x-client-transport} and {@code x-connected-name} are unknown to 2.3; every field of
 *       an ID is logged.
 *   <li>A NUL comes back from {@code FETCH BODY[]} as 0x80, a bare LF as CRLF; a bare CR stays.
 *   <li>Failures are answered at once. As Dovecot comes, they take {@code auth_failure_delay}, 2 s;
 *       with that at 0 still up to 500 ms, unless the passdb adds {@code nodelay}, as it does here.
 * </ul>
 *
 * <h2>What Postfix 3.7.11 says</h2>
 *
 * <pre>
 * S: 220 mx.example.test ESMTP Postfix
 * C: EHLO proxy.example.test
 * S: 250-mx.example.test
 * S: 250-PIPELINING
 * S: 250-SIZE 125829120
 * S: 250-VRFY
 * S: 250-ETRN
 * S: 250-AUTH PLAIN LOGIN
 * S: 250-XCLIENT NAME ADDR PROTO HELO REVERSE_NAME PORT LOGIN DESTADDR DESTPORT
 * S: 250-ENHANCEDSTATUSCODES
 * S: 250-8BITMIME
 * S: 250-DSN
 * S: 250-SMTPUTF8
 * S: 250 CHUNKING
 * C: XCLIENT BOGUS=1
 * S: 501 5.5.4 Bad XCLIENT attribute name: BOGUS
 * C: XCLIENT PORT=4711 PROTO=ESMTP HELO=laptop.example ADDR=192.0.2.8
 * S: 220 mx.example.test ESMTP Postfix
 * C: EHLO laptop.example                      (the same reply, without XCLIENT)
 * C: XCLIENT ADDR=192.0.2.9
 * S: 550 5.7.0 Error: insufficient authorization
 * C: MAIL FROM:&lt;alice@example.test&gt;
 * S: 250 2.1.0 Ok                             (without AUTH, too)
 * C: RCPT TO:&lt;bob@example.test&gt;
 * S: 554 5.7.1 &lt;bob@example.test&gt;: Recipient address rejected: Access denied
 * C: AUTH PLAIN AGFsaWNlQGV4YW1wbGUudGVzdAB3cm9uZw==
 * S: 535 5.7.8 Error: authentication failed: (reason unavailable)
 * C: AUTH PLAIN AGFsaWNlQGV4YW1wbGUudGVzdABvcGVuIHNlc2FtZQ==
 * S: 235 2.7.0 Authentication successful
 * C: MAIL FROM:&lt;alice@example.test&gt; BODY=BINARYMIME
 * S: 555 5.5.4 Unsupported option: BODY=BINARYMIME
 * </pre>
 *
 * <ul>
 *   <li>{@code XCLIENT} before the first {@code EHLO} is accepted.
 *   <li>With {@code inet_protocols = ipv4}, {@code ADDR=IPV6:…} is refused: {@code 501 5.5.4 Bad
 *       ADDR syntax}.
 *   <li>After {@code XCLIENT LOGIN=carol} mail is accepted without AUTH, and {@code EHLO} still
 *       offers AUTH.
 *   <li>{@code with} in its trace is {@code ESMTPA}, and {@code UTF8SMTPA} after {@code MAIL …
 *       SMTPUTF8}.
 *   <li>The bare-newline rule is off unless set ({@code smtpd_forbid_bare_newline = no}): nothing
 *       here stops smuggling.
 * </ul>
 *
 * <h2>What a message gains</h2>
 *
 * A message that is submitted and read back is what was sent, octet for octet, behind two fields,
 * if it has a header, ends its lines in CRLF and holds no NUL:
 *
 * <pre>
 * Return-Path: &lt;alice@example.test&gt;
 * Received: from laptop.example (unknown [192.0.2.8])
 * 	by mx.example.test (Postfix) with ESMTPA id 2539C20C151
 * 	for &lt;bob@example.test&gt;; Sun, 22 Nov 2026 12:52:02 +0000 (UTC)
 * </pre>
 *
 * With more than one recipient the {@code for} clause is missing and the semicolon follows the id.
 * One that {@link dev.postern.deploy.backend.MailBackends#deliver delivery} puts into a mailbox
 * gains {@code Return-Path: <>} only. Postfix as it comes would also drop {@code Bcc}, {@code
 * Content-Length} and {@code Return-Path}, wrap lines beyond 998 octets and add missing {@code
 * Date} and {@code Message-ID} for loopback clients; {@code main.cf} turns that off.
 */
@NullMarked
package dev.postern.deploy.backend;

import org.jspecify.annotations.NullMarked;
