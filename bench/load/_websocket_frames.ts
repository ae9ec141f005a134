/** The handshake of a WebSocket (RFC 6455, section 1.3). */
export const handshake: Uint8Array<ArrayBuffer> = new TextEncoder().encode(
  "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
);

const BINARY = 0x82;
const MASKED = 0x80;

/** A binary message of `size` octets, up to 64 KiB, in one frame (RFC 6455, section 5.2). */
export function frameOf(size: number, { masked }: { readonly masked: boolean }): Uint8Array<ArrayBuffer> {
  const head = size < 126 ? [BINARY, size] : [BINARY, 126, size >> 8, size & 0xff];
  if (masked) head[1]! |= MASKED;
  const key = masked ? [0x12, 0x34, 0x56, 0x78] : [];
  const frame = new Uint8Array(head.length + key.length + size).fill(0x61);
  frame.set([...head, ...key]);
  return frame;
}
