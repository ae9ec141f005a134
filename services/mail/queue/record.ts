import { crc32 } from "node:zlib";

/** Octets before the payload: its length and its CRC-32, both little-endian. */
const FRAME = 8;
/** Octets of the length of the head, which stands before it. */
const HEAD_LENGTH = 4;

/** A record as it was found in a journal. */
export interface FoundRecord {
  /** What it says, as JSON. */
  readonly head: unknown;
  /** Where its body is, counted from the begin of the journal's file, in octets. */
  readonly body: { readonly offset: number; readonly length: number };
  /** Where the record begins. */
  readonly offset: number;
}

/** What can be read of a journal's file. */
export interface FoundRecords {
  /** From the first to the last that is whole. */
  readonly records: readonly FoundRecord[];
  /** Octets of them; what follows was not written to its end. */
  readonly length: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * A record of a journal: `length, CRC-32, length of the head, head (JSON), body`. Its end cannot be taken for
 * something else: a record that was torn, or is made of zeros, has a wrong checksum or no length.
 */
export function encodeRecord(head: unknown, body: readonly Uint8Array[] = []): Uint8Array {
  const json = encoder.encode(JSON.stringify(head));
  const payload = HEAD_LENGTH + json.length + body.reduce((sum, { length }) => sum + length, 0);
  const record = new Uint8Array(FRAME + payload);
  const view = new DataView(record.buffer);
  view.setUint32(FRAME, json.length, true);
  record.set(json, FRAME + HEAD_LENGTH);
  let at = FRAME + HEAD_LENGTH + json.length;
  for (const piece of body) {
    record.set(piece, at);
    at += piece.length;
  }
  view.setUint32(0, payload, true);
  view.setUint32(4, crc32(record.subarray(FRAME)), true);
  return record;
}

/** Where the body begins in a record that {@linkcode encodeRecord} has made. */
export function bodyOffset(record: Uint8Array): number {
  return FRAME + HEAD_LENGTH + new DataView(record.buffer, record.byteOffset).getUint32(FRAME, true);
}

/** Reads the records of a journal's file up to the first that is not whole. */
export function decodeRecords(file: Uint8Array): FoundRecords {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const records: FoundRecord[] = [];
  let offset = 0;
  while (offset + FRAME + HEAD_LENGTH <= file.length) {
    const start = offset + FRAME;
    const length = view.getUint32(offset, true);
    if (length < HEAD_LENGTH || length > file.length - start) break;
    const payload = file.subarray(start, start + length);
    if (crc32(payload) !== view.getUint32(offset + 4, true)) break;
    const head = HEAD_LENGTH + view.getUint32(start, true);
    if (head > length) break;
    records.push({
      head: JSON.parse(decoder.decode(payload.subarray(HEAD_LENGTH, head))),
      body: { offset: start + head, length: length - head },
      offset,
    });
    offset = start + length;
  }
  return { records, length: offset };
}
