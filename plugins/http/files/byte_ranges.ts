/** Octets `start` to `end`, the latter not included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A field with more ranges than this is an attack or a mistake, and is ignored. */
const MOST_RANGES = 50;

/**
 * The ranges that a `range` field asks for of `size` octets (RFC 9110, section 14.1.2), those that overlap or
 * touch joined. Null when the field is to be ignored: another unit, a syntax error, too many. Empty when
 * nothing of it is there (416).
 */
export function parseRanges(field: string, size: number): readonly ByteRange[] | null {
  const list = /^bytes=(.*)$/i.exec(field)?.[1];
  if (list === undefined) return null;
  const specs = list.split(",").map((text) => text.trim()).filter((text) => text !== "");
  if (specs.length === 0 || specs.length > MOST_RANGES) return null;
  const ranges: ByteRange[] = [];
  for (const spec of specs) {
    const [, first, last] = /^(\d{0,15})-(\d{0,15})$/.exec(spec) ?? [];
    if (first === undefined || last === undefined || (first === "" && last === "")) return null;
    if (first !== "" && last !== "" && Number(last) < Number(first)) return null;
    const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
    const end = first === "" || last === "" ? size : Math.min(size, Number(last) + 1);
    if (start < end) ranges.push({ start, end });
  }
  return joined(ranges);
}

/** In the order in which they were asked for; a range that meets an earlier one widens that. */
function joined(ranges: readonly ByteRange[]): ByteRange[] {
  const result: ByteRange[] = [];
  for (let range of ranges) {
    for (let at = 0; at < result.length;) {
      const other = result[at]!;
      if (range.start > other.end || other.start > range.end) at++;
      else {
        range = { start: Math.min(range.start, other.start), end: Math.max(range.end, other.end) };
        result.splice(at, 1);
        at = 0;
      }
    }
    result.push(range);
  }
  return result;
}
