import fc from "fast-check";
import {
  canonicalDomain,
  formatMailbox,
  needsUtf8,
  parseDomain,
  parseLocalPart,
  parseMailbox,
} from "../../../services/mail/address.ts";
import { assertEquals } from "../../assert.ts";
import { checkProperty } from "../../property.ts";

const good: Record<string, [local: string, domain: string]> = {
  "a@b": ["a", "b"],
  "Jane.Doe+tag@Example.ORG": ["Jane.Doe+tag", "example.org"],
  "!#$%&'*+-/=?^_`{|}~@x.y": ["!#$%&'*+-/=?^_`{|}~", "x.y"],
  '"jane doe"@example.org': ["jane doe", "example.org"],
  '"a@b\\"\\\\c"@example.org': ['a@b"\\c', "example.org"],
  '""@example.org': ["", "example.org"],
  "x@[192.0.2.1]": ["x", "[192.0.2.1]"],
  "x@[IPv6:2001:DB8::1]": ["x", "[IPv6:2001:db8::1]"],
  "x@xn--bcher-kva.example": ["x", "xn--bcher-kva.example"],
  "j\u00f8rn@b\u00fccher.example": ["j\u00f8rn", "b\u00fccher.example"],
  [`${"l".repeat(64)}@${"d".repeat(63)}.org`]: ["l".repeat(64), `${"d".repeat(63)}.org`],
};

for (const [text, [local, domain]] of Object.entries(good)) {
  Deno.test(`parseMailbox reads ${text.slice(0, 40)}`, () => {
    assertEquals(parseMailbox(text), { local, domain });
    assertEquals(parseMailbox(formatMailbox({ local, domain })), { local, domain });
  });
}

const bad = [
  "",
  "@",
  "a",
  "a@",
  "@b",
  ".a@b",
  "a.@b",
  "a..b@c",
  "a b@c",
  "a@b@c",
  'a"b@c',
  '"a@c',
  '"a"b@c',
  '"a\nb"@c',
  '"\\"@c',
  "a@-b",
  "a@b-",
  "a@b..c",
  "a@.b",
  "a@b.",
  "a@b_c",
  "a@b c",
  "a@[1.2.3]",
  "a@[1.2.3.4",
  "a@[::1]",
  "a@[IPv6:1.2.3.4]",
  "a@[IPv6:::1%eth0]",
  "a\0@b",
  "a@b\r\n",
  "<a@b>",
  `${"l".repeat(65)}@b`,
  `a@${"d".repeat(64)}`,
  `a@${"d.".repeat(128)}d`,
  `${"\u00fc".repeat(33)}@b`,
];

for (const text of bad) {
  Deno.test(`parseMailbox refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
    assertEquals(parseMailbox(text), null);
  });
}

Deno.test("formatMailbox quotes a local part that needs it", () => {
  assertEquals(formatMailbox({ local: 'a "b"', domain: "c" }), '"a \\"b\\""@c');
  assertEquals(formatMailbox({ local: "Postmaster", domain: "" }), "Postmaster");
});

Deno.test("canonicalDomain is one for equal domains", () => {
  assertEquals(canonicalDomain("B\u00dccher.example"), "xn--bcher-kva.example");
  assertEquals(canonicalDomain("Example.ORG."), "example.org");
});

Deno.test("needsUtf8 tells ASCII from the rest", () => {
  assertEquals([needsUtf8("a@b"), needsUtf8("\u00fc@b"), needsUtf8("a@\u65e5\u672c")], [false, true, true]);
});

Deno.test("parseMailbox reads back what formatMailbox writes", () => {
  const local = fc.string({ maxLength: 20 }).filter((text) => /^[ -~]*$/.test(text));
  const domain = fc.domain().map((text) => parseDomain(text)).filter((text) => text !== null);
  checkProperty(fc.property(local, domain, (local, domain) => {
    assertEquals(parseMailbox(formatMailbox({ local, domain })), { local, domain });
  }));
});

Deno.test("parseLocalPart and parseDomain never throw, and are quick, whatever they get", () => {
  checkProperty(fc.property(fc.string({ unit: "binary" }), (text) => {
    parseMailbox(text);
    parseLocalPart(text);
    parseDomain(text);
  }));
  assertEquals(parseLocalPart("a.".repeat(50_000)), null);
  assertEquals(parseDomain("a-".repeat(50_000)), null);
});
