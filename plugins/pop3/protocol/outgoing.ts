import { TopLines } from "../maildrop/top_lines.ts";
import { WireEncoder } from "../maildrop/wire_encoder.ts";

/** Characters that are joined before they are sent. */
const BLOCK = 32 * 1024;
const encoder = new TextEncoder();
const end = encoder.encode(".\r\n");

/** Lines, none of which begins with a dot, and the dot that ends them. */
export function* listingChunks(lines: Iterable<string>): Iterable<Uint8Array> {
  let text = "";
  for (const line of lines) {
    text += `${line}\r\n`;
    if (text.length < BLOCK) continue;
    yield encoder.encode(text);
    text = "";
  }
  yield encoder.encode(`${text}.\r\n`);
}

/**
 * A message as it is sent, and the dot that ends it.
 * @param lines of its body; null: all of them
 */
export async function* messageChunks(
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  lines: number | null,
): AsyncIterable<Uint8Array> {
  const wire = new WireEncoder();
  const top = lines === null ? null : new TopLines(lines);
  for await (const bytes of pieces) {
    const { length, done } = top?.take(bytes) ?? { length: bytes.length, done: false };
    yield wire.encode(bytes.subarray(0, length));
    if (done) break;
  }
  yield wire.finish();
  yield end;
}
