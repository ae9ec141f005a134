import fc from "fast-check";
import {
  formatProxyHeader,
  type ProxyHeader,
  type ProxyHeaderOutcome,
  ProxyHeaderParser,
} from "../../../services/endpoint/proxy_header.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../../assert.ts";
import { checkProperty } from "../../property.ts";

const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const CLIENT_BYTES = new TextEncoder().encode("GET / HTTP/1.1\r\n");
const NOTHING = new Uint8Array(0);

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const v2 = (versionAndCommand: number, family: number, body: Iterable<number>, length = [...body].length) =>
  Uint8Array.from([...SIGNATURE, versionAndCommand, family, length >> 8, length & 255, ...body]);
const concat = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

/** Feeds chunks until there is an outcome; what is left unfed is a header's rest as well. */
function feed(chunks: readonly Uint8Array[]): ProxyHeaderOutcome {
  const parser = new ProxyHeaderParser();
  for (const [index, chunk] of chunks.entries()) {
    const lent = chunk.slice();
    const outcome = parser.feed(lent);
    if (outcome.status === "header") {
      return { ...outcome, rest: concat(outcome.rest, ...chunks.slice(index + 1)) };
    }
    if (outcome.status === "error") return outcome;
    lent.fill(0xff); // whoever keeps the chunk itself is found out
  }
  return { status: "more" };
}

/** The outcome of bytes fed whole, which must not change with any cut, nor byte by byte. */
function outcomeOf(bytes: Uint8Array): ProxyHeaderOutcome {
  const whole = feed([bytes]);
  for (let cut = 1; cut < bytes.length; cut++) {
    assertEquals(feed([bytes.subarray(0, cut), bytes.subarray(cut)]), whole, `cut at ${cut}`);
  }
  assertEquals(feed([...bytes].map((byte) => Uint8Array.of(byte))), whole, "byte by byte");
  return whole;
}

function assertHeader(bytes: Uint8Array, header: ProxyHeader): void {
  assertEquals(outcomeOf(concat(bytes, CLIENT_BYTES)), { status: "header", header, rest: CLIENT_BYTES });
  assertEquals(feed([bytes]), { status: "header", header, rest: NOTHING });
  for (const end of [0, 1, bytes.length - 1]) {
    assertEquals(feed([bytes.subarray(0, end)]), { status: "more" });
  }
}

function assertError(bytes: Uint8Array, reason: string): void {
  const outcome = outcomeOf(bytes);
  assert(outcome.status === "error", outcome.status);
  assertEquals(outcome.message, `Cannot parse PROXY header: ${reason}`);
}

const tcp = (hostname: string, port: number) => ({ transport: "tcp" as const, hostname, port });
const proxied = (source: ProxyHeader["source"], destination: ProxyHeader["destination"]): ProxyHeader => ({
  command: "proxy",
  source,
  destination,
});

Deno.test("ProxyHeaderParser reads version 1", () => {
  const cases: [string, ProxyHeader][] = [
    ["TCP4 192.0.2.1 10.0.0.1 56324 443", proxied(tcp("192.0.2.1", 56324), tcp("10.0.0.1", 443))],
    ["TCP4 255.255.255.255 0.0.0.0 65535 0", proxied(tcp("255.255.255.255", 65535), tcp("0.0.0.0", 0))],
    ["TCP6 2001:DB8::1 ::1 1 2", proxied(tcp("2001:db8::1", 1), tcp("::1", 2))],
    ["TCP6 ::ffff:192.0.2.1 ::1 1 2", proxied(tcp("192.0.2.1", 1), tcp("::1", 2))],
    ["UNKNOWN", proxied(null, null)],
    ["UNKNOWN ffff:f...f:ffff what \u00ff ever", proxied(null, null)],
  ];
  for (const [line, header] of cases) assertHeader(ascii(`PROXY ${line}\r\n`), header);
});

Deno.test("ProxyHeaderParser takes 107 bytes of version 1, not one more", () => {
  assertHeader(ascii(`PROXY UNKNOWN ${"x".repeat(91)}\r\n`), proxied(null, null));
  assertError(ascii(`PROXY UNKNOWN ${"x".repeat(92)}\r\n`), "its line must end within 107 bytes");
});

Deno.test("ProxyHeaderParser refuses what version 1 does not allow", () => {
  const cases: [string, string][] = [
    ["TCP5 1.1.1.1 1.1.1.1 1 1", "its protocol must be TCP4, TCP6 or UNKNOWN"],
    ["tcp4 1.1.1.1 1.1.1.1 1 1", "its protocol must be TCP4, TCP6 or UNKNOWN"],
    ["", "its protocol must be TCP4, TCP6 or UNKNOWN"],
    ["UNKNOWNX", "its protocol must be TCP4, TCP6 or UNKNOWN"],
    ["TCP4", "it must have two addresses and two ports"],
    ["TCP4 1.1.1.1 1.1.1.1 1", "it must have two addresses and two ports"],
    ["TCP4 1.1.1.1 1.1.1.1 1 1 ", "it must have two addresses and two ports"],
    ["TCP4  1.1.1.1 1.1.1.1 1 1", "it must have two addresses and two ports"],
    ["TCP4 ::1 1.1.1.1 1 1", "its source must be an IPv4 address"],
    ["TCP4 1.1.1 1.1.1.1 1 1", "its source must be an IPv4 address"],
    ["TCP4 01.1.1.1 1.1.1.1 1 1", "its source must be an IPv4 address"],
    ["TCP6 ::1 1.1.1.1 1 1", "its destination must be an IPv6 address"],
    ["TCP6 ::1 fe80::1%eth0 1 1", "its destination must be an IPv6 address"],
    ["TCP4 1.1.1.1 1.1.1.1 65536 1", "its source port must be 0-65535"],
    ["TCP4 1.1.1.1 1.1.1.1 1 01", "its destination port must be 0-65535"],
    ["TCP4 1.1.1.1 1.1.1.1 1 -1", "its destination port must be 0-65535"],
    ["TCP4 1.1.1.1 1.1.1.1 1 ", "its destination port must be 0-65535"],
  ];
  for (const [line, reason] of cases) assertError(ascii(`PROXY ${line}\r\n`), `"PROXY ${line}": ${reason}`);
  assertError(ascii("PROXY UNKNOWN\n"), "its line must end with CRLF");
});

Deno.test("ProxyHeaderParser refuses at the first byte that no header has", () => {
  const NONE = "the connection does not begin with one";
  assertError(ascii("G"), NONE);
  assertError(ascii("PROXX"), NONE);
  assertError(ascii("PROXY\t"), NONE);
  assertError(ascii("proxy TCP4"), NONE);
  assertError(Uint8Array.from([...SIGNATURE.slice(0, 11), 0x0b]), NONE);
});

Deno.test("ProxyHeaderParser reads version 2", () => {
  const inet = [192, 0, 2, 1, 10, 0, 0, 1, 0xdc, 0x04, 0x01, 0xbb];
  const six = [
    ...[0x20, 0x01, 0x0d, 0xb8, ...new Array(11).fill(0), 1],
    ...[...new Array(10).fill(0), 0xff, 0xff, 10, 0, 0, 1],
    ...[0, 1, 0, 2],
  ];
  const path = (text: string) => [...ascii(text.padEnd(108, "\0"))];
  const long = "x".repeat(108);
  const cases: [Uint8Array, ProxyHeader][] = [
    [v2(0x21, 0x11, inet), proxied(tcp("192.0.2.1", 56324), tcp("10.0.0.1", 443))],
    [v2(0x21, 0x21, six), proxied(tcp("2001:db8::1", 1), tcp("10.0.0.1", 2))],
    [
      v2(0x21, 0x12, inet),
      proxied(
        { transport: "udp", hostname: "192.0.2.1", port: 56324 },
        { transport: "udp", hostname: "10.0.0.1", port: 443 },
      ),
    ],
    [
      v2(0x21, 0x31, [...path("/run/a"), ...path(long)]),
      proxied({ transport: "unix", path: "/run/a" }, { transport: "unix", path: long }),
    ],
    // Extensions are skipped.
    [v2(0x21, 0x11, [...inet, 1, 0, 2, 104, 50]), proxied(tcp("192.0.2.1", 56324), tcp("10.0.0.1", 443))],
    // Of an unspecified family or transport, the addresses do not count.
    [v2(0x21, 0x00, []), proxied(null, null)],
    [v2(0x21, 0x00, [1, 2, 3]), proxied(null, null)],
    [v2(0x21, 0x10, []), proxied(null, null)],
    // LOCAL ignores even families that nobody knows.
    [v2(0x20, 0x00, []), { command: "local", source: null, destination: null }],
    [v2(0x20, 0xff, [1, 2, 3]), { command: "local", source: null, destination: null }],
  ];
  for (const [bytes, header] of cases) assertHeader(bytes, header);
});

Deno.test("ProxyHeaderParser refuses what version 2 does not allow", () => {
  assertError(v2(0x11, 0x11, []), "version 1 is not known");
  assertError(v2(0x31, 0x11, []), "version 3 is not known");
  assertError(v2(0x22, 0x11, []), "command 2 is not known");
  assertError(v2(0x21, 0x13, []), "transport 3 is not known");
  assertError(v2(0x21, 0x41, []), "address family 4 is not known");
  assertError(v2(0x21, 0x11, [], 11), "its addresses take 12 bytes, it has 11");
  assertError(v2(0x21, 0x21, [], 35), "its addresses take 36 bytes, it has 35");
  assertError(v2(0x21, 0x31, [], 215), "its addresses take 216 bytes, it has 215");
  assertError(v2(0x20, 0x00, [], 4097), "it has 4097 bytes, at most 4096 are taken");
});

Deno.test("ProxyHeaderParser takes 4096 bytes after the head of version 2", () => {
  const bytes = v2(0x20, 0x00, new Uint8Array(4096));
  const header = { command: "local" as const, source: null, destination: null };
  assertEquals(feed([bytes.subarray(0, -1)]), { status: "more" });
  assertEquals(feed([concat(bytes, CLIENT_BYTES)]), { status: "header", header, rest: CLIENT_BYTES });
});

const port = fc.integer({ min: 0, max: 65535 });
const endsOf = (hostname: fc.Arbitrary<string>) =>
  fc.record({ transport: fc.constant("tcp" as const), hostname, port });
// Canonical already, or what is read would not equal what was written.
const ipV6 = fc.array(fc.integer({ min: 0x100, max: 0xffff }), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.map((group) => group.toString(16)).join(":"));
const inetEnd = endsOf(fc.oneof(fc.ipV4(), ipV6, fc.constantFrom("::1", "::")));
const unixEnd = fc.record({
  transport: fc.constant("unix" as const),
  path: fc.string({ unit: fc.constantFrom("/", "a", "é"), maxLength: 54 }),
});
const headers: fc.Arbitrary<ProxyHeader> = fc.oneof(
  fc.constantFrom<ProxyHeader>({ command: "local", source: null, destination: null }, proxied(null, null)),
  fc.tuple(inetEnd, inetEnd).map(([source, destination]) => proxied(source, destination)),
  fc.tuple(unixEnd, unixEnd).map(([source, destination]) => proxied(source, destination)),
);

Deno.test("formatProxyHeader() writes what the parser reads", () => {
  checkProperty(fc.property(headers, (header) => {
    assertEquals(feed([formatProxyHeader(header, 2)]), { status: "header", header, rest: NOTHING });
    const told = header.source?.transport === "tcp" ? header : proxied(null, null);
    assertEquals(feed([formatProxyHeader(header, 1)]), { status: "header", header: told, rest: NOTHING });
  }));
});

Deno.test("formatProxyHeader() writes the bytes of the specification", () => {
  const header = proxied(tcp("192.0.2.1", 56324), tcp("10.0.0.1", 443));
  assertEquals(formatProxyHeader(header, 1), ascii("PROXY TCP4 192.0.2.1 10.0.0.1 56324 443\r\n"));
  assertEquals(
    formatProxyHeader(header, 2),
    v2(0x21, 0x11, [192, 0, 2, 1, 10, 0, 0, 1, 0xdc, 0x04, 0x01, 0xbb]),
  );
  assertEquals(
    formatProxyHeader(proxied(tcp("192.0.2.1", 1), tcp("::1", 2)), 1),
    ascii("PROXY TCP6 ::ffff:c000:201 ::1 1 2\r\n"),
  );
});

Deno.test("formatProxyHeader() refuses what no header can say", () => {
  const named = proxied(tcp("localhost", 1), tcp("::1", 2));
  for (const version of [1, 2] as const) {
    const error = assertThrows(() => formatProxyHeader(named, version), RangeError);
    assertEquals(error.message, `Cannot format PROXY header: "localhost" is not an IP address`);
  }
  const unix = { transport: "unix" as const, path: "x".repeat(109) };
  const error = assertThrows(() => formatProxyHeader(proxied(unix, unix), 2), RangeError);
  assertStringIncludes(error.message, "must be at most 108 bytes");
});

Deno.test("ProxyHeaderParser answers any bytes the same, however they are cut, and in bounded space", () => {
  const spoiled = fc.tuple(headers, fc.constantFrom(1 as const, 2 as const), fc.nat(), fc.nat(255)).map(
    ([header, version, at, byte]) => {
      const bytes = formatProxyHeader(header, version);
      bytes[at % bytes.length] = byte;
      return bytes;
    },
  );
  const begun = fc.tuple(fc.constantFrom(ascii("PROXY "), Uint8Array.from(SIGNATURE)), fc.uint8Array()).map(
    ([signature, rest]) => concat(signature, rest),
  );
  const anything = fc.oneof(spoiled, begun, fc.uint8Array());
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });
  checkProperty(
    fc.property(anything, fc.uint8Array(), sizes, (head, tail, sizes) => {
      const bytes = concat(head, tail);
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < bytes.length;) {
        const size = sizes[chunks.length % sizes.length]!;
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      assertEquals(feed(chunks), feed([bytes]));
      const full = concat(bytes, new Uint8Array(16 + 4096));
      assert(feed([full]).status !== "more");
    }),
    { numRuns: 1000 },
  );
});
