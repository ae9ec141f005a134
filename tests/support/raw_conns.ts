import type { RawConn } from "../../services/reactor/raw.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Write all of `data`. */
export async function writeAll(conn: RawConn, data: Uint8Array | string): Promise<void> {
  let rest = typeof data === "string" ? encoder.encode(data) : data;
  while (rest.length > 0) rest = rest.subarray(await conn.write(rest));
}

/** Read until `length` bytes of text have come; less at the peer's end. */
export async function readText(conn: RawConn, length: number): Promise<string> {
  const buffer = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const count = await conn.read(buffer.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return decoder.decode(buffer.subarray(0, filled));
}

/** Read until the peer's end. */
export async function readToEnd(conn: RawConn): Promise<string> {
  const buffer = new Uint8Array(4096);
  let text = "";
  for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  return text;
}

/** Send every byte back until the peer's end, then end too. */
export async function echo(conn: RawConn): Promise<void> {
  const buffer = new Uint8Array(16_384);
  for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
    await writeAll(conn, buffer.subarray(0, count));
  }
  await conn.closeWrite();
}
