import { pbkdf2Sync, scryptSync } from "node:crypto";
import { encodeBase64 } from "../../../services/auth/base64.ts";
import { hashPassword, parsePassword, PasswordError } from "../../../services/auth/password.ts";
import { saslprep } from "../../../services/auth/saslprep.ts";
import { Users } from "../../../services/mail/users.ts";
import { assert, assertEquals, assertNotEquals, assertThrows } from "../../assert.ts";

const salt = new Uint8Array(16).fill(7);
const bare = (bytes: Uint8Array) => encodeBase64(bytes).replace(/=+$/, "");
const hashes = {
  plain: "secret",
  scrypt: `$scrypt$ln=4,r=8,p=1$${bare(salt)}$${bare(scryptSync("secret", salt, 32, { N: 16, r: 8, p: 1 }))}`,
  pbkdf2: `$pbkdf2-sha256$i=1000$${bare(salt)}$${bare(pbkdf2Sync("secret", salt, 1000, 32, "sha256"))}`,
};

for (const [kind, password] of Object.entries(hashes)) {
  Deno.test(`Users knows who has a ${kind} password`, async () => {
    const users = new Users([{ name: "Alice", password }]);
    assertEquals(await users.verify("alice", "secret"), { name: "alice" });
    assertEquals(await users.verify("ALICE", "secret"), { name: "alice" });
    for (const wrong of ["Secret", "", "secret\0", "secret "]) {
      assertEquals(await users.verify("alice", wrong), null);
    }
    assertEquals(await users.verify("bob", "secret"), null);
    assertEquals(await users.verify("bob", ""), null);
  });
}

Deno.test("Users has no users by default, and nobody gets in", async () => {
  const users = new Users([]);
  assertEquals(await users.verify("", ""), null);
  assertEquals(users.size, 0);
});

Deno.test("Users takes a name once", () => {
  const twice = [{ name: "a", password: "x" }, { name: "A", password: "y" }];
  assertThrows(() => new Users(twice), Error, 'Cannot add user "a": there are two of that name');
});

Deno.test("Users gives names that nobody has credentials that look like any other", async () => {
  const users = new Users([{ name: "alice", password: hashes.pbkdf2 }]);
  const [real, none] = [await users.scram("alice"), await users.scram("bob")];
  assertEquals([real.user?.name, none.user], ["alice", null]);
  assertEquals(none.credentials.iterations, real.credentials.iterations);
  assertEquals(none.credentials.salt.length, real.credentials.salt.length);
  assertEquals((await users.scram("Bob")).credentials, none.credentials);
  assertNotEquals((await users.scram("carol")).credentials, none.credentials);
});

Deno.test("hashPassword makes what parsePassword reads", async () => {
  const hash = await hashPassword("p\u00e4ss");
  assert(hash.startsWith("$pbkdf2-sha256$i=600000$"));
  const users = new Users([{ name: "a", password: hash }]);
  assert(users.supportScram);
  assertEquals((await users.verify("a", "pa\u0308ss"))?.name, "a");
});

for (
  const [hash, message] of [
    ["", "it is empty"],
    ["a\nb", "control characters"],
    ["$scrypt$ln=15,r=8$x$y", "must have the form"],
    ["$scrypt$ln=30,r=8,p=1$eA$eA", "must have the form"],
    ["$pbkdf2-sha256$i=0$eA$eA", "must have the form"],
    ["$pbkdf2-sha512$i=10$eA$eA", "must have the form"],
    ["$pbkdf2-sha256$i=10$eA$eA", "has 1 bytes, not 32"],
    ["$pbkdf2-sha256$i=10$e$eA", "not base64"],
    ["SCRAM-SHA-256$4096:eA", "must have the form"],
    ["$2b$10$abcdefghijklmnopqrstuv", 'of kind "2b"'],
    ["$argon2id$v=19$x", 'of kind "argon2id"'],
  ] as const
) {
  Deno.test(`parsePassword refuses ${JSON.stringify(hash)}`, () => {
    const error = assertThrows(() => parsePassword(hash), PasswordError, message);
    assert(hash.length < 5 || !error.message.includes(hash));
  });
}

Deno.test("saslprep joins what looks the same, and refuses controls", () => {
  // RFC 4013, section 3.
  assertEquals(saslprep("I\u00adX"), "IX");
  assertEquals(saslprep("USER"), "USER");
  assertEquals(saslprep("\u00aa"), "a");
  assertEquals(saslprep("\u2168"), "IX");
  assertEquals(saslprep("\u0007"), null);
});
