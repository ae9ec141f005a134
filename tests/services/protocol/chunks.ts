import fc from "fast-check";

/** `bytes` in chunks of arbitrary sizes. */
export function inChunks(bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array[]> {
  return fc.tuple(bytes, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 })).map(([all, sizes]) => {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < all.length;) {
      const size = sizes[chunks.length % sizes.length]!;
      chunks.push(all.subarray(at, at + size));
      at += size;
    }
    return chunks;
  });
}

/** The bytes of all chunks. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(chunks.flatMap((chunk) => [...chunk]));
}
