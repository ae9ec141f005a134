// @ts-types="./std_text.d.ts"
import { levenshteinDistance } from "@std/text/levenshtein-distance";

/** Longer words are nobody's slip of the finger, and the distance costs their product in time. */
const MAX_LENGTH = 64;

/**
 * The candidate that was probably meant by a misspelt word, or undefined when none is near. Case does not
 * count.
 *
 * @example
 * ```ts ignore
 * closest("tpc", ["tcp", "tls"]); // "tcp"
 * closest("carrot", ["tcp", "tls"]); // undefined
 * ```
 */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length === 0 || word.length > MAX_LENGTH) return undefined;
  const given = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = tolerance(given) + 1;
  for (const candidate of candidates) {
    const distance = levenshteinDistance(given, candidate.toLowerCase());
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** Two edits, since swapped letters count as two; less in tiny words, where two edits change everything. */
function tolerance(word: string): number {
  return word.length < 3 ? 1 : Math.max(2, Math.floor(word.length / 3));
}

/** ` (did you mean "tcp"?)`, to follow the misspelt word in a message; empty when nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const candidate = closest(word, candidates);
  return candidate === undefined ? "" : ` (did you mean "${candidate}"?)`;
}
