import { authenticate } from "mailauth";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../../assert.ts";
import { RelayScene } from "./_scene.ts";

/** A key pair: the private one in a file, the public one as the DNS would have it. */
async function keys(folder: string): Promise<{ privateKey: string; record: string }> {
  const { generateKeyPairSync } = await import("node:crypto");
  const made = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const privateKey = `${folder}/dkim.key`;
  Deno.writeTextFileSync(privateKey, made.privateKey);
  return { privateKey, record: `v=DKIM1; k=rsa; p=${made.publicKey.replaceAll(/-----.*-----|\s/g, "")}` };
}

/** What a receiver finds out about a message. */
async function check(message: string, record: string): Promise<string> {
  const { headers } = await authenticate(message, {
    ip: "192.0.2.1",
    helo: "mx.test",
    sender: "alice@here.test",
    mta: "far.test",
    disableArc: true,
    disableBimi: true,
    resolver: (name, type) =>
      name === "s1._domainkey.here.test" && type === "TXT"
        ? Promise.resolve([[record]])
        : Promise.reject(Object.assign(new Error("none"), { code: "ENOTFOUND" })),
  });
  return headers;
}

Deno.test("relay signs what its users send, large or small, so that others can see it", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "dkim" });
  const { privateKey, record } = await keys(folder);
  await using scene = new RelayScene({ dkim: { domain: "here.test", selector: "s1", privateKey } });
  await scene.start();
  const texts = ["hello\r\n..dot\r\n", `${"x".repeat(900)}\r\n`.repeat(400)];
  for (const [at, text] of texts.entries()) {
    const header = 'From: "Al, ice" <alice@sub.here.test>\r\nSubject: hi\r\n\r\n';
    assertEquals(await scene.send({ text: header + text }), "250");
    const { data } = (await scene.next.took(at + 1))[at]!;
    assert(data.startsWith("DKIM-Signature: "), data.slice(0, 100));
    assertStringIncludes(await check(data, record), "dkim=pass header.i=@here.test header.s=s1");
    assertStringIncludes(await check(data.replace("hi\r\n", "ha\r\n"), record), "dkim=fail");
  }
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("relay does not vouch for what others wrote, or strangers send to an alias", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "dkim" });
  const { privateKey } = await keys(folder);
  const options = {
    dkim: { domain: "here.test", selector: "s1", privateKey },
    aliases: { out: "x@there.test" },
  };
  await using scene = new RelayScene(options);
  await scene.start();
  const froms = [
    "a@there.test",
    "a@here.test.evil.test",
    "a@here.test, b@there.test",
    "a@here.test>\r\nFrom: <b@there.test",
  ];
  for (const from of froms) await scene.send({ text: `From: <${from}>\r\n\r\nx\r\n` });
  await scene.send({ text: "Subject: no author\r\n\r\nx\r\n" });
  for (const { data } of await scene.next.took(5)) assert(data.startsWith("Received: "), data);
  await using open = new RelayScene({ ...options, trusted: [] });
  await open.start();
  await open.send({ to: ["out@here.test"], text: "From: <alice@here.test>\r\n\r\nx\r\n" });
  const [forwarded] = await open.next.took(1);
  assert(forwarded!.data.startsWith("Received: "), forwarded!.data);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("relay does not start with a key that it cannot read", async () => {
  await using scene = new RelayScene({
    dkim: { domain: "here.test", selector: "s1", privateKey: "/absent.pem" },
  });
  await assertRejects(() => scene.start(), Error, 'Cannot read the key for DKIM "/absent.pem": ');
});
