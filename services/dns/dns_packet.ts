/** Messages of DNS (RFC 1035) to bytes and back, by the package `dns-packet`, with types. */
import { Buffer } from "node:buffer";
// @ts-types="./dns_packet.d.ts"
import { decode as decodeBuffer, type Packet } from "dns-packet";

// @ts-types="./dns_packet.d.ts"
export { answer, encode, type Packet, type Question, type RecordType, type ResourceRecord } from "dns-packet";

/** Read a message. @throws {Error} of any kind, when the bytes are none */
export function decode(bytes: Uint8Array): Required<Packet> {
  return decodeBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
