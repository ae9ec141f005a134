/** What it takes to take a message apart. */
export type ParseEffort =
  /** A few tens of milliseconds: it is done at once. */
  | "little"
  /** Up to some seconds: something else has to do it. */
  | "much"
  /** More than anybody should spend. */
  | "tooMuch";

const LF = 0x0a;
const DASH = 0x2d;

/** Time goes with lines, and with the parts that begin at those with two dashes. */
const LITTLE = { lines: 2_000, parts: 200 };
/** An attachment of 30 MB has 400,000 lines. */
const MUCH = { lines: 500_000, parts: 2_000 };

/** How much work a message is, by a look at it that costs next to nothing. */
export function parseEffort(bytes: Uint8Array): ParseEffort {
  let lines = 1;
  let parts = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (++lines > MUCH.lines) return "tooMuch";
    if (bytes[at + 1] === DASH && bytes[at + 2] === DASH && ++parts > MUCH.parts) return "tooMuch";
  }
  return lines <= LITTLE.lines && parts <= LITTLE.parts ? "little" : "much";
}
