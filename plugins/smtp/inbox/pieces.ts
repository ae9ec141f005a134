/** Octets of a piece: no more of them wait for a client than it takes. */
const PIECE = 64 * 1024;

/** Bytes as a stream that is sent no faster than it is taken. */
export function inPieces(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return ReadableStream.from(piecesOf(bytes));
}

function* piecesOf(bytes: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
}
