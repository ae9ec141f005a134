import type PostalMime from "postal-mime";
import type { Email, PostalMimeOptions } from "postal-mime";

/** Beyond them, a message is not taken apart. */
export const parseLimits: PostalMimeOptions = {
  maxNestingDepth: 100,
  maxHeadersSize: 2 * 1024 * 1024,
  maxRfc822NestingDepth: 5,
};

/** Milliseconds for a message that is much work. */
const PATIENCE = 20_000;

/**
 * Take a message that is little work apart, here.
 * @throws {Error} when it goes beyond the limits on nesting and headers
 */
export function parseHere(
  bytes: Uint8Array,
  library: { readonly default: typeof PostalMime },
): Promise<Email> {
  return library.default.parse(bytes, parseLimits);
}

/**
 * Take a message that is much work apart in a thread of its own, so that nothing else waits for it.
 * @param signal ends it
 * @throws {Error} when it goes beyond the limits, takes too long, or no thread can be had
 */
export async function parseAside(bytes: Uint8Array, signal: AbortSignal): Promise<Email> {
  const worker = new Worker(new URL("./_parse_worker.ts", import.meta.url), { type: "module" });
  const late = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
  try {
    return await new Promise<Email>((resolve, reject) => {
      worker.onmessage = ({ data }) => "email" in data ? resolve(data.email) : reject(new Error(data.error));
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(`Cannot take a message apart: ${event.message}`));
      };
      late.addEventListener(
        "abort",
        () => reject(new Error("Cannot take a message apart: it takes too long")),
      );
      worker.postMessage(bytes);
    });
  } finally {
    worker.terminate();
  }
}
