import fc from "fast-check";
import { isIP } from "node:net";
import { formatIpAddress, isIpAddress, parseIpAddress } from "../../../services/endpoint/ip_address.ts";
import { assertEquals, assertExists } from "../../assert.ts";
import { checkProperty } from "../../property.ts";

const canonical = (text: string) => {
  const address = parseIpAddress(text);
  return address === null ? null : formatIpAddress(address);
};

Deno.test("formatIpAddress() writes the canonical text of RFC 5952", () => {
  const cases: [string, string][] = [
    ["10.0.0.1", "10.0.0.1"],
    ["255.255.255.255", "255.255.255.255"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:0db8::0001", "2001:db8::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["::FFFF:a00:1", "10.0.0.1"],
    ["fe80::1%eth0", "fe80::1"],
  ];
  for (const [text, expected] of cases) assertEquals(canonical(text), expected, text);
});

Deno.test("parseIpAddress() refuses what is no address", () => {
  const bad = [
    ...[
      "",
      "1",
      "1.2.3",
      "1.2.3.4.5",
      "1.2.3.256",
      "01.2.3.4",
      "0x1.2.3.4",
      "1.2.3.4 ",
      "1.2.3.-4",
      "1.2.3.4%eth0",
    ],
    ...[
      ":",
      ":::",
      "::1::",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7:8::",
      "12345::",
      "g::",
      "[::1]",
    ],
    ...[
      "::1.2.3",
      "1.2.3.4::",
      "::1.2.3.4:1",
      ":1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:",
      "::1%",
      "::1%a b",
      "::1/64",
    ],
    "1:".repeat(100_000),
  ];
  for (const text of bad) assertEquals(parseIpAddress(text), null, text.slice(0, 40));
});

Deno.test("parseIpAddress() agrees with the system's judgement", () => {
  const nearly = fc.string({
    unit: fc.constantFrom("0", "1", "f", "25", ".", ":", "::", "ffff"),
    maxLength: 16,
  });
  checkProperty(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), nearly), (text) => {
      assertEquals(isIpAddress(text), isIP(text) !== 0, text);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("formatIpAddress() writes what parseIpAddress() reads", () => {
  checkProperty(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
    const address = parseIpAddress(text);
    assertExists(address);
    assertEquals(parseIpAddress(formatIpAddress(address)), address);
  }));
});
