import fc from "fast-check";
import { CidrError, matchesAny, parseCidr } from "../../../services/endpoint/cidr.ts";
import { assertEquals, assertThrows } from "../../assert.ts";
import { checkProperty } from "../../property.ts";

Deno.test("matchesAny() knows who is within a block", () => {
  const cases: [address: string, block: string, within: boolean][] = [
    ["10.0.0.1", "10.0.0.0/8", true],
    ["10.255.255.255", "10.0.0.0/8", true],
    ["11.0.0.0", "10.0.0.0/8", false],
    ["9.255.255.255", "10.0.0.0/8", false],
    ["192.168.1.127", "192.168.1.0/25", true],
    ["192.168.1.128", "192.168.1.0/25", false],
    ["255.255.255.255", "128.0.0.0/1", true],
    ["127.255.255.255", "128.0.0.0/1", false],
    ["10.0.0.1", "10.0.0.1", true],
    ["10.0.0.2", "10.0.0.1/32", false],
    ["10.0.0.1", "0.0.0.0/0", true],
    ["::1", "::1", true],
    ["0:0:0:0:0:0:0:1", "::1/128", true],
    ["::2", "::1", false],
    ["fe80::1%eth0", "fe80::/10", true],
    ["febf:ffff::", "fe80::/10", true],
    ["fec0::", "fe80::/10", false],
    ["2001:db8:0:1::", "2001:db8::/64", false],
    ["2001:db8::ffff:1", "2001:db8::/64", true],
  ];
  for (const [address, block, within] of cases) {
    assertEquals(matchesAny(address, [parseCidr(block)]), within, `${address} in ${block}`);
  }
});

Deno.test("matchesAny() takes IPv4-mapped addresses for IPv4, and never mixes the families", () => {
  const cases: [address: string, block: string, within: boolean][] = [
    ["::ffff:10.0.0.1", "10.0.0.0/8", true],
    ["::ffff:0a00:0001", "10.0.0.0/8", true],
    ["::ffff:11.0.0.1", "10.0.0.0/8", false],
    ["10.0.0.1", "::ffff:10.0.0.0/104", true],
    ["11.0.0.1", "::ffff:10.0.0.0/104", false],
    ["10.0.0.1", "::ffff:0:0/96", true],
    ["10.0.0.1", "::/0", false],
    ["::ffff:10.0.0.1", "::/0", false],
    ["::1", "0.0.0.0/0", false],
  ];
  for (const [address, block, within] of cases) {
    assertEquals(matchesAny(address, [parseCidr(block)]), within, `${address} in ${block}`);
  }
});

Deno.test("matchesAny() asks every block, and takes nothing else for an address", () => {
  const blocks = ["10.0.0.0/8", "::1"].map(parseCidr);
  assertEquals(matchesAny("::1", blocks), true);
  assertEquals(matchesAny("10.1.1.1", blocks), true);
  for (const none of ["", "localhost", "10.0.0", "unix", "/run/x.sock"]) {
    assertEquals(matchesAny(none, blocks), false);
  }
  assertEquals(matchesAny("10.1.1.1", []), false);
});

Deno.test("matchesAny() agrees with arithmetic", () => {
  const word = fc.integer({ min: 0, max: 0xffffffff });
  const dotted = (n: number) => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join(".");
  checkProperty(
    fc.property(word, fc.integer({ min: 0, max: 32 }), word, fc.boolean(), (base, prefix, other, near) => {
      const size = 2 ** (32 - prefix);
      const network = base - base % size;
      const address = near ? network + other % size : other;
      const block = parseCidr(`${dotted(network)}/${prefix}`);
      assertEquals(matchesAny(dotted(address), [block]), address >= network && address < network + size);
    }),
  );
});

Deno.test("parseCidr() says what is wrong", () => {
  const EXPECTED = `it must be an IP address or a block, as in "10.0.0.0/8"`;
  const cases: [string, string][] = [
    ["", EXPECTED],
    ["example.org", EXPECTED],
    ["10.0.0.0/8/8", EXPECTED],
    ["[::1]/128", EXPECTED],
    ["10.0.0.0/33", "the prefix length must be 0-32"],
    ["10.0.0.0/", "the prefix length must be 0-32"],
    ["10.0.0.0/08", "the prefix length must be 0-32"],
    ["10.0.0.0/-1", "the prefix length must be 0-32"],
    ["10.0.0.0/255.0.0.0", "the prefix length must be 0-32"],
    ["::/129", "the prefix length must be 0-128"],
    ["10.0.0.1/8", "it has bits set beyond the prefix /8"],
    ["fe80::1/10", "it has bits set beyond the prefix /10"],
    ["::ffff:0:0/95", "it has bits set beyond the prefix /95"],
  ];
  for (const [text, reason] of cases) {
    const error = assertThrows(() => parseCidr(text), CidrError);
    assertEquals(error.message, `Cannot parse address block "${text}": ${reason}`);
  }
});
