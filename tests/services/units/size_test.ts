import fc from "fast-check";
import { formatSize, parseSize, SizeError } from "../../../services/units/size.ts";
import { assertEquals, assertThrows } from "../../assert.ts";
import { checkProperty } from "../../property.ts";

Deno.test("parseSize() reads bytes, powers of 1024 and powers of 1000", () => {
  const cases: [string | number, number][] = [
    ["512B", 512],
    ["512", 512],
    [512, 512],
    [0, 0],
    ["64KiB", 65_536],
    ["1GiB", 1_073_741_824],
    ["1.5GiB", 1_610_612_736],
    ["1TiB", 1_099_511_627_776],
    ["10MB", 10_000_000],
    ["10kB", 10_000],
    ["10KB", 10_000],
    ["0.5kB", 500],
    ["1TB", 1_000_000_000_000],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ];
  for (const [text, bytes] of cases) assertEquals(parseSize(text), bytes, String(text));
});

Deno.test("parseSize() says what is wrong", () => {
  const KNOWN = "known are TiB, GiB, MiB, KiB, TB, GB, MB, kB, B";
  const EXPECTED = `it must be a number of bytes or have a unit, as in "64KiB" or "10MB"`;
  const WHOLE = "it must be whole bytes, at most 9007199254740991";
  const cases: [string | number, string][] = [
    ["", EXPECTED],
    ["-1", EXPECTED],
    [-1, EXPECTED],
    [1.5, EXPECTED],
    [NaN, EXPECTED],
    [2 ** 53, EXPECTED],
    ["10 MB", EXPECTED],
    ["1e6", EXPECTED],
    ["10M", `unknown unit "M" (did you mean "MB"?), ${KNOWN}`],
    ["64kib", `unknown unit "kib" (did you mean "KiB"?), ${KNOWN}`],
    ["64carrots", `unknown unit "carrots", ${KNOWN}`],
    ["1.5B", WHOLE],
    ["0.1KiB", WHOLE],
    ["9007199254740992", WHOLE],
    ["9999999TiB", WHOLE],
    ["9".repeat(65), EXPECTED],
  ];
  for (const [value, reason] of cases) {
    const error = assertThrows(() => parseSize(value), SizeError);
    const shown = typeof value === "number" ? value : `"${value}"`;
    assertEquals(error.message, `Cannot parse size ${shown}: ${reason}`);
  }
});

Deno.test("formatSize() writes the shortest exact text", () => {
  const cases: [number, string][] = [
    [0, "0B"],
    [1500, "1500B"],
    [65_536, "64KiB"],
    [10_000_000, "10MB"],
    [1_024_000, "1000KiB"],
    [2 ** 40, "1TiB"],
  ];
  for (const [bytes, text] of cases) assertEquals(formatSize(bytes), text);
  for (const bad of [-1, 1.5, NaN, Infinity]) assertThrows(() => formatSize(bad), RangeError);
});

Deno.test("parseSize() reads what formatSize() writes", () => {
  const factor = fc.constantFrom(1, 1000, 1024, 1000 ** 2, 1024 ** 2, 1024 ** 3);
  checkProperty(fc.property(fc.integer({ min: 0, max: 8_000_000 }), factor, (count, factor) => {
    assertEquals(parseSize(formatSize(count * factor)), count * factor);
  }));
});
