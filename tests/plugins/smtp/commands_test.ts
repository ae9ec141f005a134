import { assertEquals } from "../../assert.ts";
import { checkedOutcome, codes, type Options, outcomeOf, startSmtp } from "./_scene.ts";

const ehlo = "EHLO c\r\n";
const mail = "MAIL FROM:<a@b.test>\r\n";
const rcpt = "RCPT TO:<alice@here.test>\r\n";
const text = "hi\r\n.\r\n";
const taken = "250 2.0.0";
const [mailOk, rcptOk] = ["250 2.1.0", "250 2.1.5"];

/** What is said after EHLO, and the replies to it. */
interface Case {
  readonly send: string;
  readonly replies: readonly string[];
  readonly options?: Options;
  readonly closed?: true;
}

const sequence: Record<string, Case> = {
  "MAIL, RCPT and DATA in one packet": { send: `${mail}${rcpt}DATA\r\n`, replies: [mailOk, rcptOk, "354"] },
  "DATA after all recipients were refused": {
    send: `${mail}RCPT TO:<nobody@here.test>\r\nDATA\r\n${text}`,
    replies: [mailOk, "550 5.1.1", "503 5.5.1", "500 5.5.2", "500 5.5.2"],
  },
  "two messages pipelined": {
    send: `${mail}${rcpt}DATA\r\n${text}${mail}RCPT TO:<x@here.test>\r\n${rcpt}DATA\r\n${text}QUIT\r\n`,
    replies: [mailOk, rcptOk, "354", taken, mailOk, "550 5.1.1", rcptOk, "354", taken, "221 2.0.0"],
    closed: true,
  },
  "RSET clears the envelope": {
    send: `${mail}${rcpt}RSET\r\nDATA\r\n${rcpt}`,
    replies: [mailOk, rcptOk, taken, "503 5.5.1", "503 5.5.1"],
  },
  "EHLO during a transaction clears it": {
    send: `${mail}${rcpt}EHLO c\r\nDATA\r\n`,
    replies: [mailOk, rcptOk, "250", "503 5.5.1"],
  },
  "MAIL twice": { send: `${mail}${mail}${rcpt}`, replies: [mailOk, "503 5.5.1", rcptOk] },
  "RCPT before MAIL": { send: rcpt, replies: ["503 5.5.1"] },
  "DATA without RCPT": { send: `${mail}DATA\r\n`, replies: [mailOk, "503 5.5.1"] },
  "DATA before MAIL": { send: "DATA\r\n", replies: ["503 5.5.1"] },
  "AUTH and STARTTLS during a transaction": {
    send: `${mail}AUTH PLAIN\r\nSTARTTLS\r\n`,
    replies: [mailOk, "503 5.5.1", "503 5.5.1"],
  },
};

const syntax: Record<string, Case> = {
  "MAIL without brackets": { send: "MAIL FROM:a@b\r\n", replies: ["501 5.1.7"] },
  "MAIL FROM:<>": { send: "MAIL FROM:<>\r\n", replies: [mailOk] },
  "MAIL with a space after the colon": { send: "MAIL FROM: <a@b>\r\n", replies: [mailOk] },
  "mail in lower case": { send: "mail from:<a@b> size=10\r\n", replies: [mailOk] },
  "MAIL without anything": {
    send: "MAIL\r\nMAIL FROM\r\nMAIL TO:<a@b>\r\n",
    replies: Array(3).fill("501 5.1.7"),
  },
  "MAIL from an address that is none": {
    send: "MAIL FROM:<a>\r\nMAIL FROM:<a@@b>\r\nMAIL FROM:<a@b\r\nMAIL FROM:<a@b>x\r\n",
    replies: Array(4).fill("501 5.1.7"),
  },
  "MAIL from the postmaster of nowhere": { send: "MAIL FROM:<postmaster>\r\n", replies: ["501 5.1.7"] },
  "MAIL from a quoted name": { send: 'MAIL FROM:<"a > \\" b"@c> SIZE=1\r\n', replies: [mailOk] },
  "RCPT TO:<>": { send: `${mail}RCPT TO:<>\r\n`, replies: [mailOk, "501 5.1.3"] },
  "RCPT TO:<Postmaster>": { send: `${mail}RCPT TO:<Postmaster>\r\n`, replies: [mailOk, rcptOk] },
  "a source route": {
    send: `${mail}RCPT TO:<@x.test,@y.test:alice@here.test>\r\nRCPT TO:<@x.test:bob@far.test>\r\n`,
    replies: [mailOk, rcptOk, "550 5.7.1"],
  },
  "a source route that is none": {
    send: `${mail}RCPT TO:<@x:y:alice@here.test>\r\n`,
    replies: [mailOk, "501 5.1.3"],
  },
  "an unknown parameter": {
    send: `MAIL FROM:<a@b> X=1\r\n${mail}RCPT TO:<alice@here.test> SIZE=1\r\n`,
    replies: ["555 5.5.4", mailOk, "555 5.5.4"],
  },
  "a parameter twice": { send: "MAIL FROM:<a@b> SIZE=1 SIZE=2\r\n", replies: ["501 5.5.4"] },
  "a parameter that is none": {
    send: "MAIL FROM:<a@b> =\r\nMAIL FROM:<a@b> SIZE=\r\n",
    replies: Array(2).fill("501 5.5.4"),
  },
  "BODY=8BITMIME": { send: "MAIL FROM:<a@b> BODY=8bitMIME\r\n", replies: [mailOk] },
  "BODY=junk": { send: "MAIL FROM:<a@b> BODY=junk\r\n", replies: ["501 5.5.4"] },
  "BODY=BINARYMIME, which is not offered": {
    send: "MAIL FROM:<a@b> BODY=BINARYMIME\r\n",
    replies: ["501 5.5.4"],
  },
  "SMTPUTF8 with a value": { send: "MAIL FROM:<a@b> SMTPUTF8=1\r\n", replies: ["501 5.5.4"] },
  "a UTF-8 address without SMTPUTF8": {
    send: `MAIL FROM:<\xc3\xbc@b>\r\n${mail}RCPT TO:<\xc3\xbc@here.test>\r\n`,
    replies: ["553 5.6.7", mailOk, "553 5.6.7"],
  },
  "a UTF-8 address with SMTPUTF8": {
    send: `MAIL FROM:<\xc3\xbc@b\xc3\xbc.test> SMTPUTF8\r\nRCPT TO:<\xc3\xbc@here.test>\r\n`,
    replies: [mailOk, "550 5.1.1"],
  },
  "SIZE over the limit": {
    send: "MAIL FROM:<a@b> SIZE=101\r\nMAIL FROM:<a@b> SIZE=100\r\n",
    replies: ["552 5.3.4", mailOk],
    options: { limits: { messageSize: 100 } },
  },
  "SIZE=abc": {
    send: "MAIL FROM:<a@b> SIZE=abc\r\nMAIL FROM:<a@b> SIZE\r\n",
    replies: ["501 5.5.4", "501 5.5.4"],
  },
  "DSN parameters": {
    send: "MAIL FROM:<a@b> RET=HDRS ENVID=QQ+2B1\r\n" +
      "RCPT TO:<alice@here.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+40b\r\nRCPT TO:<bob@here.test> NOTIFY=never\r\n",
    replies: [mailOk, rcptOk, rcptOk],
  },
  "DSN parameters that make no sense": {
    send: "MAIL FROM:<a@b> RET=ALL\r\nMAIL FROM:<a@b> ENVID=+zz\r\n" +
      `${mail}RCPT TO:<alice@here.test> NOTIFY=NEVER,SUCCESS\r\nRCPT TO:<alice@here.test> NOTIFY=\r\n` +
      "RCPT TO:<alice@here.test> ORCPT=alice\r\nRCPT TO:<alice@here.test> NOTIFY=DELAY,DELAY\r\n",
    replies: ["501 5.5.4", "501 5.5.4", mailOk, ...Array(4).fill("501 5.5.4")],
  },
  "NUL in a command": { send: "NO\0OP\r\n", replies: ["500 5.5.2"] },
  "a command that is not UTF-8": { send: "MAIL FROM:<\xfc@b>\r\n", replies: ["500 5.5.2"] },
  "LF alone at the end of a command": { send: "NOOP\nNOOP\r\n", replies: ["500 5.5.2", taken] },
  "LF alone, when that is welcome": {
    send: "NOOP\nNOOP\r\n",
    replies: [taken, taken],
    options: { bareNewline: "normalize" },
  },
  "arguments where none belong": {
    send: "RSET x\r\nQUIT x\r\nDATA x\r\nEHLO\r\nHELO\r\nVRFY\r\nAUTH\r\nXCLIENT\r\n",
    replies: [...Array(8).fill("501 5.5.4")],
  },
  "VRFY, EXPN, HELP, NOOP": {
    send: "VRFY alice\r\nEXPN all\r\nHELP me\r\nNOOP something\r\n",
    replies: ["252 2.5.2", "502 5.5.1", "214 2.0.0", taken],
  },
  "what is no command": { send: "HELLO\r\n\r\n  \r\n", replies: Array(3).fill("500 5.5.2") },
};

const policy: Record<string, Case> = {
  "a recipient elsewhere": {
    send:
      `${mail}RCPT TO:<x@far.test>\r\nRCPT TO:<alice@here.test.far.test>\r\nRCPT TO:<"alice@here.test"@far.test>\r\n` +
      "RCPT TO:<alice%far.test@here.test>\r\nRCPT TO:<alice@[127.0.0.1]>\r\n",
    replies: [mailOk, "550 5.7.1", "550 5.7.1", "550 5.7.1", "550 5.1.1", "550 5.7.1"],
  },
  "one recipient too many": {
    send: `${mail}${rcpt.repeat(101)}DATA\r\n${text}`,
    replies: [mailOk, ...Array(100).fill(rcptOk), "452 4.5.3", "354", taken],
  },
  "too many bad commands": {
    send: "BAD\r\n".repeat(5),
    replies: ["500 5.5.2", "500 5.5.2", "500 5.5.2", "421 4.7.0"],
    options: { limits: { errors: 3 } },
    closed: true,
  },
  "a browser": {
    send: "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    replies: ["421 4.7.0"],
    closed: true,
  },
  "AUTH twice, and during a transaction": {
    send: `AUTH PLAIN ${btoa("\0alice\0secret")}\r\nAUTH PLAIN ${
      btoa("\0alice\0secret")
    }\r\n${mail}AUTH PLAIN =\r\n`,
    replies: ["235 2.7.0", "503 5.5.1", mailOk, "503 5.5.1"],
    options: { insecureAuth: true },
  },
  "AUTH: cancelled, not base64, wrong, unknown": {
    send: "AUTH PLAIN\r\n*\r\nAUTH PLAIN ???\r\nAUTH LOGIN\r\n!\r\n" +
      `AUTH PLAIN ${btoa("\0alice\0wrong")}\r\nAUTH CRAM-MD5\r\nAUTH PLAIN =\r\n`,
    replies: [
      "334",
      "501 5.7.0",
      "501 5.5.2",
      "334",
      "501 5.5.2",
      "535 5.7.8",
      "504 5.5.4",
      "501 5.5.2",
    ],
    options: { insecureAuth: true },
  },
  "AUTH LOGIN": {
    send: `AUTH LOGIN\r\n${btoa("alice")}\r\n${btoa("secret")}\r\nAUTH LOGIN\r\n`,
    replies: ["334", "334", "235 2.7.0", "503 5.5.1"],
    options: { insecureAuth: true },
  },
  "a response to AUTH that is too long": {
    send: `AUTH PLAIN\r\n${"A".repeat(13_000)}\r\nNOOP\r\n`,
    replies: ["334", "500 5.5.6", taken],
    options: { insecureAuth: true },
  },
  "AUTH before TLS": { send: "AUTH PLAIN =\r\n", replies: ["538 5.7.11"] },
  "AUTH where there are no users": {
    send: "AUTH PLAIN =\r\n",
    replies: ["502 5.5.1"],
    options: { users: [] },
  },
  "MAIL before AUTH, where that is required": {
    send: `${mail}AUTH PLAIN ${btoa("\0bob\0hunter2")}\r\nRSET\r\n${mail}`,
    replies: ["530 5.7.0", "235 2.7.0", taken, mailOk],
    options: { requireAuth: true, insecureAuth: true },
  },
  "STARTTLS where there is none": { send: "STARTTLS\r\n", replies: ["502 5.5.1"] },
  "STARTTLS with an argument": { send: "STARTTLS now\r\n", replies: ["501 5.5.4"] },
  "XCLIENT from anybody": { send: "XCLIENT ADDR=1.2.3.4\r\n", replies: ["550 5.7.0"] },
};

const chunks: Record<string, Case> = {
  "BDAT in several chunks": {
    send: `${mail}${rcpt}BDAT 4\r\na\r\n.BDAT 2\r\n\r\nBDAT 3 LAST\r\n.\r\nNOOP\r\n`,
    replies: [mailOk, rcptOk, taken, taken, taken, taken],
  },
  "BDAT 0 LAST": {
    send: `${mail}${rcpt}BDAT 3\r\na\r\nBDAT 0 LAST\r\n`,
    replies: [mailOk, rcptOk, taken, taken],
  },
  "BDAT 0 LAST for an empty message": {
    send: `${mail}${rcpt}BDAT 0 LAST\r\n`,
    replies: [mailOk, rcptOk, taken],
  },
  "BDAT without RCPT": {
    send: `BDAT 6 LAST\r\nRSET\r\n${mail}BDAT 6\r\nQUIT\r\nDATA\r\n`,
    replies: ["503 5.5.1", mailOk, "503 5.5.1", "503 5.5.1"],
  },
  "BDAT over the size": {
    send: `${mail}${rcpt}BDAT 9\r\n1234567\r\nBDAT 8 LAST\r\nQUIT\r\n\r\nNOOP\r\n`,
    replies: [mailOk, rcptOk, taken, "552 5.3.4", taken],
    options: { limits: { messageSize: 10 } },
  },
  "BDAT over the size, and more chunks": {
    send: `${mail}${rcpt}BDAT 12\r\n1234567890\r\nBDAT 6 LAST\r\nQUIT\r\n${mail}`,
    replies: [mailOk, rcptOk, "552 5.3.4", "503 5.5.1", mailOk],
    options: { limits: { messageSize: 10 } },
  },
  "BDAT with LF alone": {
    send: `${mail}${rcpt}BDAT 4 LAST\r\na\nb\n`,
    replies: [mailOk, rcptOk, "554 5.6.0"],
  },
  "BDAT that ends in CR": {
    send: `${mail}${rcpt}BDAT 2 LAST\r\na\r`,
    replies: [mailOk, rcptOk, "554 5.6.0"],
  },
  "BDAT of CR and LF in two chunks": {
    send: `${mail}${rcpt}BDAT 2\r\na\rBDAT 1 LAST\r\n\n`,
    replies: [mailOk, rcptOk, taken, taken],
  },
  "DATA after BDAT": {
    send: `${mail}${rcpt}BDAT 3\r\na\r\nDATA\r\n${rcpt}${mail}NOOP\r\nRSET\r\nDATA\r\n`,
    replies: [mailOk, rcptOk, taken, ...Array(3).fill("503 5.5.1"), taken, taken, "503 5.5.1"],
  },
  "BDAT without a length": {
    send: `${mail}${rcpt}BDAT x LAST\r\nNOOP\r\n`,
    replies: [mailOk, rcptOk, "521 5.5.4"],
    closed: true,
  },
};

const before: Record<string, Case> = {
  "MAIL before EHLO": {
    send: `${mail}${rcpt}DATA\r\nAUTH PLAIN\r\nSTARTTLS\r\n`,
    replies: Array(5).fill("503 5.5.1"),
  },
  "HELO": { send: `HELO c\r\n${mail}${rcpt}DATA\r\n${text}`, replies: ["250", mailOk, rcptOk, "354", taken] },
  "QUIT at once": { send: "QUIT\r\nNOOP\r\n", replies: ["221 2.0.0"], closed: true },
  "BDAT before EHLO": { send: "BDAT 6\r\nQUIT\r\nNOOP\r\n", replies: ["503 5.5.1", taken] },
};

for (
  const [name, { send, replies, options = {}, closed = false }] of Object.entries({
    ...sequence,
    ...syntax,
    ...policy,
    ...chunks,
  })
) {
  Deno.test(`smtp: ${name}`, async () => {
    const limits = { errors: 1000, ...options.limits };
    const outcome = await checkedOutcome({ ...options, limits }, `${ehlo}${send}`);
    assertEquals(outcome.replies, ["220", "250", ...replies]);
    assertEquals(outcome.closed, closed);
  });
}

for (const [name, { send, replies, closed = false }] of Object.entries(before)) {
  Deno.test(`smtp: ${name}`, async () => {
    const outcome = await checkedOutcome({}, send);
    assertEquals(outcome.replies, ["220", ...replies]);
    assertEquals(outcome.closed, closed);
  });
}

Deno.test("smtp: 100 KB without an end of line", async () => {
  const outcome = await outcomeOf({}, `${ehlo}${"x".repeat(100_000)}\r\nNOOP\r\n`);
  assertEquals(outcome.replies, ["220", "250", "500 5.5.6", taken]);
});

Deno.test("smtp: a command as long as may be, and one octet more", async () => {
  const limits = { commandLength: 510 };
  const line = (length: number) => `NOOP ${"x".repeat(length - 5)}\r\n`;
  const outcome = await checkedOutcome({ limits }, `${line(510)}${line(511)}NOOP\r\n`);
  assertEquals(outcome.replies, ["220", taken, "500 5.5.6", taken]);
});

Deno.test("smtp: EHLO names the extensions that can be had", async () => {
  await using app = await startSmtp({ insecureAuth: true, limits: { messageSize: "1MB" } });
  const client = await app.connect();
  client.received();
  await client.send("EHLO c\r\n");
  assertEquals(
    client.received(),
    "250-mx.test\r\n250-PIPELINING\r\n250-SIZE 1000000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n" +
      "250-ENHANCEDSTATUSCODES\r\n250-CHUNKING\r\n250-DSN\r\n250 AUTH SCRAM-SHA-256 PLAIN LOGIN\r\n",
  );
  await client.send("HELO c\r\n");
  assertEquals(client.received(), "250 mx.test\r\n");
});

Deno.test("smtp: RSET keeps the login", async () => {
  const login = `AUTH PLAIN ${btoa("\0alice\0secret")}\r\n`;
  const outcome = await outcomeOf(
    { requireAuth: true, insecureAuth: true },
    `${ehlo}${login}${mail}RSET\r\n${mail}`,
  );
  assertEquals(outcome.replies.slice(2), ["235 2.7.0", mailOk, taken, mailOk]);
});

Deno.test("smtp: a session of lines is answered in one write", async () => {
  await using app = await startSmtp();
  const client = await app.connect();
  client.received();
  const sizes: number[] = [];
  client.dataReceived = ((receive) => (data: Uint8Array) => {
    sizes.push(codes(new TextDecoder().decode(data)).length);
    receive.call(client, data);
  })(client.dataReceived);
  await client.send(`${ehlo}${mail}${rcpt}DATA\r\n${text}${mail}${rcpt}DATA\r\n`);
  assertEquals(sizes, [8]);
});
