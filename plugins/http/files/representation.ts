import { Reply } from "../../../services/http/reply.ts";
import type { Coding } from "../compress/accept_encoding.ts";
import type { Validators } from "./conditions.ts";

/** One form of a file: itself, or compressed. */
export class Representation implements Validators {
  readonly etag: string;
  readonly lastModified: string;
  readonly modified: number;
  /** Octets. */
  readonly size: number;
  /** The whole of it, where it is kept in memory. */
  readonly bytes: Uint8Array | null;
  /** Where it is, where it is not. */
  readonly path: string;
  readonly mediaType: string;
  /** Sent with 200, 206, 304 and 412, besides what belongs to one of these. */
  readonly headers: Readonly<Record<string, string>>;
  /** The reply to a plain GET, where `bytes` are there. */
  readonly whole: Reply | null;
  /** Sent with 304: what a cache has to know (RFC 9110, section 15.4.5). */
  readonly notModified: Reply;

  constructor(options: {
    readonly path: string;
    readonly bytes: Uint8Array | null;
    readonly size: number;
    readonly etag: string;
    readonly modified: number;
    readonly mediaType: string;
    readonly coding: Coding | null;
    readonly varies: boolean;
  }) {
    const { path, bytes, size, etag, modified, mediaType, coding, varies } = options;
    this.path = path;
    this.bytes = bytes;
    this.size = size;
    this.etag = etag;
    this.mediaType = mediaType;
    this.modified = Math.floor(modified / 1000) * 1000;
    this.lastModified = new Date(this.modified).toUTCString();
    const cached = {
      etag,
      "last-modified": this.lastModified,
      ...(varies && { vary: "accept-encoding" }),
    };
    this.headers = {
      "content-type": mediaType,
      ...(coding !== null && { "content-encoding": coding }),
      ...cached,
      "accept-ranges": "bytes",
      "x-content-type-options": "nosniff",
    };
    this.whole = bytes === null ? null : new Reply(bytes, { headers: this.headers });
    this.notModified = new Reply(null, { status: 304, headers: cached });
  }
}
