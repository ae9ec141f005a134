import fc from "fast-check";
import { DurationError, formatDuration, parseDuration } from "../../../services/units/duration.ts";
import { assertEquals, assertThrows } from "../../assert.ts";
import { checkProperty } from "../../property.ts";

Deno.test("parseDuration() reads numbers with units as milliseconds", () => {
  const cases: [string | number, number][] = [
    ["500ms", 500],
    ["10s", 10_000],
    ["5m", 300_000],
    ["1h", 3_600_000],
    ["1h30m", 5_400_000],
    ["2d", 172_800_000],
    ["1d2h3m4s5ms", 93_784_005],
    ["90m", 5_400_000],
    ["1.5h", 5_400_000],
    ["1.1m", 66_000],
    ["0.001s", 1],
    ["010s", 10_000],
    ["0s", 0],
    ["0", 0],
    [0, 0],
    [-0, 0],
    ["36500d", 3_153_600_000_000],
  ];
  for (const [text, ms] of cases) assertEquals(parseDuration(text), ms, String(text));
});

Deno.test("parseDuration() says what is wrong", () => {
  const ADD_UNIT = `add a unit, as in "10s" or "500ms"`;
  const EXPECTED = `it must be numbers with units, as in "10s" or "1h30m"`;
  const BOUNDS = "it must be whole milliseconds, at most 36500d";
  const cases: [string | number, string][] = [
    [10, ADD_UNIT],
    ["10", ADD_UNIT],
    ["1.5", ADD_UNIT],
    [-10, EXPECTED],
    [NaN, EXPECTED],
    ["", EXPECTED],
    ["-10s", EXPECTED],
    ["10 s", EXPECTED],
    [" 10s", EXPECTED],
    [".5s", EXPECTED],
    ["1.s", EXPECTED],
    ["s", EXPECTED],
    ["1h30", EXPECTED],
    ["Infinity", EXPECTED],
    ["9".repeat(65), EXPECTED],
    ["10x", `unknown unit "x" (did you mean "d"?), known are d, h, m, s, ms`],
    ["10S", `unknown unit "S" (did you mean "s"?), known are d, h, m, s, ms`],
    ["10seconds", `unknown unit "seconds", known are d, h, m, s, ms`],
    ["30m1h", "units must go from the longest to the shortest, each once"],
    ["1s1s", "units must go from the longest to the shortest, each once"],
    ["0.5ms", BOUNDS],
    ["36500d1ms", BOUNDS],
    [`${"9".repeat(60)}d`, BOUNDS],
  ];
  for (const [value, reason] of cases) {
    const error = assertThrows(() => parseDuration(value), DurationError);
    const shown = typeof value === "number" ? value : `"${value}"`;
    assertEquals(error.message, `Cannot parse duration ${shown}: ${reason}`);
  }
});

Deno.test("formatDuration() writes the largest units first, and rounds to milliseconds", () => {
  const cases: [number, string][] = [
    [0, "0s"],
    [0.4, "0s"],
    [12.6, "13ms"],
    [999.7, "1s"],
    [5_400_000, "1h30m"],
    [93_784_005, "1d2h3m4s5ms"],
    [172_800_000, "2d"],
  ];
  for (const [ms, text] of cases) assertEquals(formatDuration(ms), text);
  for (const bad of [-1, NaN, Infinity]) assertThrows(() => formatDuration(bad), RangeError);
});

Deno.test("parseDuration() reads what formatDuration() writes", () => {
  checkProperty(fc.property(fc.integer({ min: 0, max: 3_153_600_000_000 }), (ms) => {
    assertEquals(parseDuration(formatDuration(ms)), ms);
  }));
});
