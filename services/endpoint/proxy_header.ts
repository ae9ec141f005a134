import type { ProxyHeader, ProxyHeaderResult } from "./_proxy_header.ts";
import { formatProxyV1, readProxyV1 } from "./_proxy_v1.ts";
import { formatProxyV2, readProxyV2, SIGNATURE_V2 } from "./_proxy_v2.ts";

export type { ProxyHeader, ProxyHeaderResult };

const SIGNATURE_V1 = new TextEncoder().encode("PROXY ");

/**
 * Reads the header at the beginning of a connection's bytes. Decides as early as it can, and on a prefix
 * that does not depend on how the bytes were cut up. Never asks for more than 107 bytes of version 1, or
 * 16 + 4096 of version 2.
 */
export function readProxyHeader(bytes: Uint8Array): ProxyHeaderResult {
  for (const [signature, read] of [[SIGNATURE_V1, readProxyV1], [SIGNATURE_V2, readProxyV2]] as const) {
    const common = Math.min(bytes.length, signature.length);
    if (!startsWith(bytes, signature.subarray(0, common))) continue;
    return common < signature.length ? { status: "more" } : read(bytes);
  }
  return { status: "error", message: "Cannot parse PROXY header: the connection does not begin with one" };
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, index) => bytes[index] === byte);
}

/** The outcome of {@linkcode ProxyHeaderParser.feed}. */
export type ProxyHeaderOutcome =
  | { readonly status: "more" }
  | { readonly status: "error"; readonly message: string }
  | {
    readonly status: "header";
    readonly header: ProxyHeader;
    /** What came after the header. It may be a view of the last chunk. */
    readonly rest: Uint8Array;
  };

/** Reads a header that arrives in chunks. Of no further use once it has answered other than `more`. */
export class ProxyHeaderParser {
  #held: Uint8Array = new Uint8Array(0);

  /** Takes the next bytes; what it must keep of them it copies. */
  feed(chunk: Uint8Array): ProxyHeaderOutcome {
    const bytes = this.#held.length === 0 ? chunk : concat(this.#held, chunk);
    const result = readProxyHeader(bytes);
    if (result.status === "header") {
      return { status: "header", header: result.header, rest: bytes.subarray(result.length) };
    }
    if (result.status === "more") this.#held = bytes === chunk ? chunk.slice() : bytes;
    return result;
  }
}

function concat(one: Uint8Array, other: Uint8Array): Uint8Array {
  const joined = new Uint8Array(one.length + other.length);
  joined.set(one);
  joined.set(other, one.length);
  return joined;
}

/**
 * Writes a header, as a proxy or a test sends it. Version 1 knows TCP only: anything else becomes `UNKNOWN`.
 * An IPv4 address beside one of IPv6 is written as mapped.
 *
 * @throws {RangeError} when a host is not an IP address, or a path does not fit into 108 bytes
 */
export function formatProxyHeader(header: ProxyHeader, version: 1 | 2): Uint8Array {
  return version === 1 ? formatProxyV1(header) : formatProxyV2(header);
}
