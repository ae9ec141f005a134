/** Under so many octets, a loop over octets is the fastest. */
const SHORT = 48;

/**
 * Copy `source` to `target` at `at`, unmasked (RFC 6455, section 5.3). `phase` is how many octets of the
 * payload went before; `key` are the four of the mask. `target` begins on a word.
 */
export function unmask(
  source: Uint8Array,
  target: Uint8Array<ArrayBuffer>,
  at: number,
  key: Uint8Array,
  phase: number,
): void {
  const size = source.length;
  if (size < SHORT) {
    for (let i = 0; i < size; i++) target[at + i] = source[i]! ^ key[(phase + i) & 3]!;
    return;
  }
  target.set(source, at);
  // To the next word, word by word, and what is left.
  const first = Math.min(size, -(target.byteOffset + at) & 3);
  for (let i = 0; i < first; i++) target[at + i]! ^= key[(phase + i) & 3]!;
  const words = (size - first) >>> 2;
  const rotated = new Uint8Array(4);
  for (let i = 0; i < 4; i++) rotated[i] = key[(phase + first + i) & 3]!;
  const mask = new Uint32Array(rotated.buffer)[0]!;
  const view = new Uint32Array(target.buffer, target.byteOffset + at + first, words);
  for (let i = 0; i < words; i++) view[i]! ^= mask;
  for (let i = first + words * 4; i < size; i++) target[at + i]! ^= key[(phase + i) & 3]!;
}
