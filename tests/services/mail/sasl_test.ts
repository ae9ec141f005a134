import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { encodeBase64 } from "../../../services/auth/base64.ts";
import type { SaslExchange, SaslStep } from "../../../services/mail/sasl/exchange.ts";
import { mechanismsFor, startSasl } from "../../../services/mail/sasl/mechanisms.ts";
import { ScramSha256Exchange } from "../../../services/mail/sasl/scram_sha_256.ts";
import { Users } from "../../../services/mail/users.ts";
import { assertEquals } from "../../assert.ts";

const users = new Users([{ name: "alice", password: "secret" }, { name: "bob", password: "other" }]);

function told(step: SaslStep): string {
  switch (step.kind) {
    case "challenge":
      return `challenge ${new TextDecoder().decode(step.data)}`;
    case "success":
      return `success ${step.user.name}`;
    case "failure":
      return `failure ${step.reason}`;
  }
}

async function exchange(sasl: SaslExchange, ...responses: (string | null)[]): Promise<string[]> {
  const steps = [];
  for (const response of responses) {
    steps.push(told(await sasl.next(response === null ? null : new TextEncoder().encode(response))));
  }
  return steps;
}

const plain: Record<string, string> = {
  "\0alice\0secret": "success alice",
  "alice\0alice\0secret": "success alice",
  "bob\0alice\0secret": "failure credentials",
  "\0alice\0wrong": "failure credentials",
  "\0nobody\0secret": "failure credentials",
  "\0alice": "failure malformed",
  "": "failure malformed",
  "\0\0secret": "failure malformed",
  "\0alice\0secret\0": "failure malformed",
};
for (const [response, expected] of Object.entries(plain)) {
  Deno.test(`PLAIN ${JSON.stringify(response)} is ${expected}`, async () => {
    assertEquals(await exchange(startSasl("plain", users)!, response), [expected]);
    assertEquals(await exchange(startSasl("PLAIN", users)!, null, response), ["challenge ", expected]);
  });
}

Deno.test("LOGIN asks for name and password", async () => {
  assertEquals(
    await exchange(startSasl("LOGIN", users)!, null, "alice", "secret"),
    ["challenge Username:", "challenge Password:", "success alice"],
  );
  assertEquals(await exchange(startSasl("LOGIN", users)!, "alice", "no"), [
    "challenge Password:",
    "failure credentials",
  ]);
});

Deno.test("SCRAM-SHA-256 answers as RFC 7677 shows", async () => {
  const salt = Uint8Array.from(atob("W22ZaJ0SNY7soEsUEjb6gQ=="), (character) => character.charCodeAt(0));
  const key = pbkdf2Sync("pencil", salt, 4096, 32, "sha256");
  const password = `$pbkdf2-sha256$i=4096$${encodeBase64(salt)}$${encodeBase64(key)}`;
  const sasl = new ScramSha256Exchange(
    new Users([{ name: "user", password }]),
    "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
  );
  const nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  assertEquals(
    await exchange(
      sasl,
      "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
      `c=biws,r=${nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`,
      "",
    ),
    [
      `challenge r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`,
      "challenge v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
      "success user",
    ],
  );
});

/** A client of SCRAM-SHA-256, just good enough to be right or wrong. */
async function scram(name: string, password: string, header = "n,,"): Promise<string> {
  const sasl = startSasl("SCRAM-SHA-256", users)!;
  const bare = `n=${name},r=client`;
  const [first] = await exchange(sasl, `${header}${bare}`);
  const [, serverFirst, nonce, salt, count] = /^challenge (r=([^,]+),s=([^,]+),i=([0-9]+))$/.exec(first!) ??
    [];
  if (serverFirst === undefined) return first!;
  const bytes = Uint8Array.from(atob(salt!), (character) => character.charCodeAt(0));
  const salted = pbkdf2Sync(password, bytes, Number(count), 32, "sha256");
  const withoutProof = `c=${btoa(header)},r=${nonce}`;
  const clientKey = createHmac("sha256", salted).update("Client Key").digest();
  const storedKey = createHash("sha256").update(clientKey).digest();
  const signature = createHmac("sha256", storedKey).update(`${bare},${serverFirst},${withoutProof}`).digest();
  const proof = clientKey.map((byte, index) => byte ^ signature[index]!);
  const steps = await exchange(sasl, `${withoutProof},p=${encodeBase64(new Uint8Array(proof))}`);
  return steps[0]!.startsWith("challenge v=") ? (await exchange(sasl, ""))[0]! : steps[0]!;
}

Deno.test("SCRAM-SHA-256 lets in who knows the password", async () => {
  assertEquals(await scram("alice", "secret"), "success alice");
  assertEquals(await scram("alice", "secret", "y,a=alice,"), "success alice");
  assertEquals(await scram("alice", "wrong"), "failure credentials");
  assertEquals(await scram("nobody", "secret"), "failure credentials");
  assertEquals(await scram("alice", "secret", "n,a=bob,"), "failure credentials");
});

for (
  const [what, ...responses] of [
    ["channel binding", "p=tls-unique,,n=alice,r=x"],
    ["no nonce", "n,,n=alice"],
    ["an unknown demand", "n,,m=x,n=alice,r=x"],
    ["an escape that is none", "n,,n=ali=ce,r=x"],
    ["a final message that is none", "n,,n=alice,r=x", "hello"],
    ["another's nonce", "n,,n=alice,r=x", `c=biws,r=xyz,p=${encodeBase64(new Uint8Array(32))}`],
  ] as const
) {
  Deno.test(`SCRAM-SHA-256 refuses ${what}`, async () => {
    const steps = await exchange(startSasl("SCRAM-SHA-256", users)!, ...responses);
    assertEquals(steps.at(-1), "failure malformed");
  });
}

Deno.test("SCRAM-SHA-256 is offered when every user could use it", () => {
  assertEquals(mechanismsFor(users), ["SCRAM-SHA-256", "PLAIN", "LOGIN"]);
  const key = encodeBase64(new Uint8Array(32));
  const mixed = new Users([{ name: "a", password: `$scrypt$ln=4,r=8,p=1$${key}$${key}` }]);
  assertEquals(mechanismsFor(mixed), ["PLAIN", "LOGIN"]);
  assertEquals(startSasl("SCRAM-SHA-256", mixed), null);
  assertEquals(startSasl("CRAM-MD5", users), null);
});
