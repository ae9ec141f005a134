import smtp from "../../../../plugins/smtp/mod.ts";
import { SmtpService } from "../../../../plugins/smtp/smtp_service.ts";
import type { Resolve } from "../../../../plugins/smtp/verify/authenticate.ts";
import { withoutForged } from "../../../../plugins/smtp/verify/remove_forged.ts";
import { memoryMail } from "../../../../services/mail/memory_mail.ts";
import { definePlugin } from "../../../../services/plugin/plugin.ts";
import { startPlugin } from "../../../../services/testing/mod.ts";
import { assert, assertEquals, assertStringIncludes } from "../../../assert.ts";
import { latin1, type Options, type RunningSmtp } from "../_scene.ts";

/** A DNS with these TXT records, and no others. */
function txt(records: Readonly<Record<string, string>>): Resolve {
  return (name, type) =>
    type === "TXT" && name in records
      ? Promise.resolve([[records[name]!]])
      : Promise.reject(Object.assign(new Error("none"), { code: "ENOTFOUND" }));
}

const dns = txt({ "there.test": "v=spf1 ip4:127.0.0.1 -all", "_dmarc.there.test": "v=DMARC1; p=reject" });

function start(resolve: Resolve, options: Options = {}): Promise<RunningSmtp> {
  const plugin = definePlugin({ ...smtp, makeService: (options) => new SmtpService(options, { resolve }) });
  return startPlugin(plugin, {
    hostname: "mx.test",
    domains: ["here.test"],
    users: [{ name: "alice", password: "secret" }],
    insecureAuth: true,
    deliver: { memory: 10 },
    verify: true,
    ...options,
  });
}

async function send(app: RunningSmtp, text: string, from = "bob@there.test", before = ""): Promise<void> {
  const client = await app.connect();
  await client.send(
    `EHLO there.test\r\n${before}MAIL FROM:<${from}>\r\nRCPT TO:<alice@here.test>\r\nDATA\r\n${text}.\r\n`,
  );
  await client.receivedUntil("250 2.0.0 Message");
}

function stored(app: RunningSmtp): string {
  return latin1(app.get(memoryMail).messages.at(-1)!.bytes);
}

Deno.test("smtp tells by SPF, DKIM and DMARC who has sent a message, above its trace", async () => {
  await using app = await start(dns);
  await send(app, "From: Bob <bob@there.test>\r\nSubject: hi\r\n\r\nhello\r\n");
  const text = stored(app);
  assert(text.startsWith("Return-Path: <bob@there.test>\r\nAuthentication-Results: mx.test;\r\n"), text);
  const [header] = text.split("Received: ");
  assertStringIncludes(header!, "dkim=none");
  assertStringIncludes(header!, "spf=pass");
  assertStringIncludes(header!, "smtp.mailfrom=bob@there.test");
  assertStringIncludes(header!, "dmarc=pass");
  assert(text.endsWith("From: Bob <bob@there.test>\r\nSubject: hi\r\n\r\nhello\r\n"), text);
});

Deno.test("smtp tells of a sender that pretends", async () => {
  await using app = await start(
    txt({ "there.test": "v=spf1 -all", "_dmarc.there.test": "v=DMARC1; p=reject" }),
  );
  await send(app, "From: bob@there.test\r\n\r\nhello\r\n");
  assertStringIncludes(stored(app), "spf=fail");
  assertStringIncludes(stored(app), "dmarc=fail");
});

Deno.test("smtp removes results that claim to be its own, and leaves those of others", async () => {
  await using app = await start(dns);
  const forged = "Authentication-Results: mx.test; dkim=pass\r\n\theader.d=bank.test\r\n";
  const others =
    "Authentication-Results: mx.test.evil.test; spf=pass\r\nAuthentication-Results: far.test; spf=pass\r\n";
  const odd = 'authentication-results:\r\n (a comment) "MX.test" 1; spf=pass\r\n';
  await send(app, `${forged}From: bob@there.test\r\n${others}${odd}\r\n${forged}`);
  const text = stored(app);
  assert(!text.includes("bank.test\r\nFrom") && !text.includes("comment"), text);
  assert(text.includes(others), text);
  assert(text.endsWith(`\r\n\r\n${forged}`), "what looks like it in the body stays");
});

/** A text as it comes, split in two. */
async function* pieces(text: string, at: number): AsyncIterable<Uint8Array> {
  for (const piece of [text.slice(0, at), text.slice(at)]) {
    yield await Promise.resolve(new TextEncoder().encode(piece));
  }
}

Deno.test("withoutForged() finds a field however the message is split", async () => {
  const text =
    "A: b\r\nAuthentication-Results: mx.test;\r\n spf=pass\r\nC: d\r\n\r\nAuthentication-Results: mx.test\r\n";
  for (let at = 0; at <= text.length; at++) {
    let found = "";
    for await (const bytes of withoutForged(pieces(text, at), "mx.test")) found += latin1(bytes);
    assertEquals(found, "A: b\r\nC: d\r\n\r\nAuthentication-Results: mx.test\r\n", `split at ${at}`);
  }
});

Deno.test("smtp does not look at what its own users send", async () => {
  await using app = await start(() => Promise.reject(new Error("asked")));
  await send(
    app,
    "From: alice@here.test\r\n\r\nx\r\n",
    "alice@here.test",
    `AUTH PLAIN ${btoa("\0alice\0secret")}\r\n`,
  );
  assert(!stored(app).includes("Authentication-Results"), stored(app));
});

Deno.test("smtp does not wait for a DNS that does not answer", async () => {
  await using app = await start(() => new Promise(() => {}));
  const sent = send(app, "From: bob@there.test\r\n\r\nx\r\n");
  let over = false;
  sent.then(() => over = true);
  while (!over) {
    await app.advance(5_000);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assertStringIncludes(
    stored(app),
    "Authentication-Results: mx.test;\r\n\tdkim=temperror; spf=temperror; dmarc=temperror\r\n",
  );
});

Deno.test("smtp checks a large message without keeping it in memory, and leaves no file behind", async () => {
  await using app = await start(dns);
  const body = `${"x".repeat(900)}\r\n`.repeat(400);
  await send(app, `From: bob@there.test\r\n\r\n${body}`);
  assert(stored(app).endsWith(`\r\n\r\n${body}`));
});
