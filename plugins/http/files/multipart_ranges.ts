import type { ByteRange } from "./byte_ranges.ts";

/** A body of several ranges (RFC 9110, section 15.3.7.2). */
export interface MultipartRanges {
  /** What is sent, in order: ranges of the representation, and what stands between them. */
  readonly parts: readonly (ByteRange | Uint8Array)[];
  /** Octets in all. */
  readonly length: number;
  readonly mediaType: string;
}

const encoder = new TextEncoder();

/** `ranges` of `size` octets of `mediaType`, each with its head. */
export function multipartRanges(
  ranges: readonly ByteRange[],
  size: number,
  mediaType: string,
): MultipartRanges {
  // 122 random bits: content does not have it by chance, nor on purpose.
  const boundary = crypto.randomUUID();
  const parts: (ByteRange | Uint8Array)[] = [];
  let length = 0;
  for (const range of ranges) {
    const head = encoder.encode(
      `\r\n--${boundary}\r\ncontent-type: ${mediaType}\r\n` +
        `content-range: bytes ${range.start}-${range.end - 1}/${size}\r\n\r\n`,
    );
    parts.push(head, range);
    length += head.length + range.end - range.start;
  }
  const end = encoder.encode(`\r\n--${boundary}--\r\n`);
  return {
    parts: [...parts, end],
    length: length + end.length,
    mediaType: `multipart/byteranges; boundary=${boundary}`,
  };
}
