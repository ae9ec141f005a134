// What every contender answers with, whatever it answers by.

/** The answer to a small request. */
export const HELLO = "Hello, world!\n";

/** The header of the request that a handler of a page reads. */
export const READ_HEADER = "accept-language";

/** The answer to a browser's request for data: what it says depends on the header that was read. */
export function dataFor(language: string | null): Record<string, unknown> {
  return { id: 4711, name: "Penelope", language, tags: ["loom", "shuttle", "heddle"], ready: true };
}

/** The header fields of that answer. */
export const DATA_HEADERS = {
  "content-type": "application/json",
  "cache-control": "private, max-age=60",
  "x-request-id": "01J9ZK3V5R",
};

/** Octets of the long stream. */
export const STREAM_SIZE = 10 * 1024 * 1024;

const piece = new Uint8Array(64 * 1024).fill(0x61);

/** A stream of `STREAM_SIZE` octets in pieces of 64 KiB, each made when it is asked for. */
export function longStream(): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = STREAM_SIZE;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(piece);
      if ((left -= piece.length) <= 0) controller.close();
    },
  });
}
