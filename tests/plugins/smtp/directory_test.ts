import { formatMailbox, parseMailbox } from "../../../services/mail/address.ts";
import {
  checkDirectory,
  Directory,
  type DirectoryOptions,
  isDestination,
} from "../../../plugins/smtp/recipients/directory.ts";
import { assertEquals } from "../../assert.ts";

const options: DirectoryOptions = {
  domains: ["here.test", "b\u00fccher.test"],
  users: ["alice", "Bob@here.test"],
  aliases: {
    sales: ["alice", "bob@here.test"],
    all: ["sales", "alice"],
    "info@here.test": ["bob@here.test"],
  },
  catchAll: null,
  delimiter: "+",
  forwards: false,
};

/** The mailboxes behind an address, or the code of the refusal. */
function find(address: string, changes: Partial<DirectoryOptions> = {}): string {
  const found = new Directory({ ...options, ...changes }).find(parseMailbox(address)!);
  return isDestination(found) ? found.mailboxes.join(" ") : String(found.code);
}

const found: Record<string, string> = {
  "alice@here.test": "alice",
  "ALICE@Here.TEST": "alice",
  "alice@xn--bcher-kva.test": "alice",
  "bob@here.test": "bob@here.test",
  "bob@xn--bcher-kva.test": "550",
  "sales@here.test": "alice bob@here.test",
  "all@here.test": "alice bob@here.test",
  "info@here.test": "bob@here.test",
  "info@xn--bcher-kva.test": "550",
  "alice+shop@here.test": "alice",
  "sales+x+y@here.test": "alice bob@here.test",
  "+alice@here.test": "550",
  "nobody@here.test": "550",
  "alice@far.test": "550",
  // Cyrillic: looks like ours. Full width: is ours, as IDNA has it (UTS 46).
  "alice@h\u0435re.test": "550",
  "alice@\uff48\uff45\uff52\uff45.test": "alice",
  "postmaster@here.test": "postmaster",
  // What is quoted is one name, and not the address that it looks like.
  '"bob@here.test"@here.test': "550",
  '"bob@here.test"@xn--bcher-kva.test': "550",
  '"bob@here.test+x"@xn--bcher-kva.test': "550",
  '"alice"@here.test': "alice",
};
for (const [address, expected] of Object.entries(found)) {
  Deno.test(`Directory finds ${expected} for ${address}`, () => assertEquals(find(address), expected));
}

Deno.test("Directory sends what nobody has to the catch-all, of its own domains alone", () => {
  assertEquals(find("nobody@here.test", { catchAll: "inbox" }), "inbox");
  assertEquals(find("postmaster@here.test", { catchAll: "inbox" }), "inbox");
  assertEquals(find("alice@here.test", { catchAll: "inbox" }), "alice");
  assertEquals(find("nobody@far.test", { catchAll: "inbox" }), "550");
});

Deno.test("Directory has a catch-all that is a user or an alias, if there is one of that name", () => {
  assertEquals(find("nobody@here.test", { catchAll: "Alice" }), "alice");
  assertEquals(find("nobody@here.test", { catchAll: "sales" }), "alice bob@here.test");
  assertEquals([...new Directory({ ...options, catchAll: "sales" }).mailboxes], ["alice", "bob@here.test"]);
  assertEquals([...new Directory(options).mailboxes], ["alice", "bob@here.test", "postmaster"]);
});

Deno.test("Directory takes every domain for its own when it is told to", () => {
  assertEquals(find("x@far.test", { domains: ["*"], catchAll: "inbox" }), "inbox");
  assertEquals(find("alice@[192.0.2.1]", { domains: ["*"] }), "alice");
});

Deno.test("Directory leaves names whole without a delimiter", () => {
  assertEquals(find("alice+shop@here.test", { delimiter: null }), "550");
  assertEquals(find("alice-shop@here.test", { delimiter: "-" }), "alice");
});

Deno.test("Directory finds the postmaster without a domain", () => {
  const found = new Directory(options).find({ local: "postmaster", domain: "" });
  assertEquals(found, { mailboxes: ["postmaster"] });
  assertEquals(formatMailbox({ local: "postmaster", domain: "" }), "postmaster");
});

Deno.test("checkDirectory says which aliases lead nowhere or in circles", () => {
  const aliases = { a: ["b"], b: ["a"], c: ["alise"], alice: ["bob@here.test"] };
  assertEquals(
    checkDirectory({ ...options, aliases }).map(({ path, message }) => `${path.join(".")}: ${message}`),
    [
      'aliases.b.0: alias "b" leads back to itself through "a"',
      'aliases.c.0: no user or alias is named "alise" (did you mean "alice"?)',
      'aliases.alice: there is a user of the name "alice", too',
    ],
  );
});
