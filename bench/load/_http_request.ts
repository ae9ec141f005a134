import { connectSocket, receiveSome, sendSome } from "./_libc.ts";

/** A small request. */
export const get: Uint8Array<ArrayBuffer> = new TextEncoder().encode(
  "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
);

/** Octets of the reply to it: the same each time, since a date is as long as any other. */
export async function replySize(port: number): Promise<number> {
  const fd = connectSocket(port);
  sendSome(fd, get);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const size = receiveSome(fd, new Uint8Array(64 * 1024));
  if (size <= 0) throw new Error("The server does not answer");
  return size;
}
