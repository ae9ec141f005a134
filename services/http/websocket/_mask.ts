/** Under so many octets, a loop over octets is the fastest. */
const SHORT = 48;

/**
 * Unmask `size` octets of `target` from `at` on, where they stand (RFC 6455, section 5.3). `phase` is how many
 * octets of the payload went before; `key` are the four of the mask. `target` begins on a word.
 */
export function unmask(
  target: Uint8Array<ArrayBuffer>,
  at: number,
  size: number,
  key: Uint8Array,
  phase: number,
): void {
  const end = at + size;
  if (size < SHORT) return unmaskOctets(target, at, end, key, phase);
  // To the next word, word by word, and what is left.
  const first = -(target.byteOffset + at) & 3;
  unmaskOctets(target, at, at + first, key, phase);
  const words = (size - first) >>> 2;
  const turned = phase + first;
  word[0] = key[turned & 3]!;
  word[1] = key[(turned + 1) & 3]!;
  word[2] = key[(turned + 2) & 3]!;
  word[3] = key[(turned + 3) & 3]!;
  const mask = wordAsNumber[0]!;
  const view = new Int32Array(target.buffer, target.byteOffset + at + first, words);
  for (let i = 0; i < words; i++) view[i]! ^= mask;
  unmaskOctets(target, at + first + words * 4, end, key, turned);
}

/** A mask, in the machine's order of octets. */
const word = new Uint8Array(4);
const wordAsNumber = new Int32Array(word.buffer);

function unmaskOctets(
  target: Uint8Array,
  start: number,
  end: number,
  key: Uint8Array,
  phase: number,
): void {
  for (let at = start; at < end; at++) target[at]! ^= key[(phase + at - start) & 3]!;
}
