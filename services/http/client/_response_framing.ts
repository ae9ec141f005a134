import type { FieldIndex } from "../_field_index.ts";
import { MalformedResponse } from "./_malformed_response.ts";

/** The fields that decide where a response ends, and what becomes of its connection. */
export class ResponseFraming {
  contentLength: number | null = null;
  chunked = false;
  close = false;
  keepAlive = false;
  keptFor: number | null = null;

  /**
   * Find them among the fields of `text`. RFC 9112, section 6.3 leaves a choice in some places: here whatever two
   * readers could take for different lengths is refused.
   * @throws {MalformedResponse} when they break the rules
   */
  read(fields: FieldIndex, text: string, minorVersion: 0 | 1): void {
    this.contentLength = this.keptFor = null;
    this.chunked = this.close = this.keepAlive = false;
    for (let field = 0; field < fields.count; field++) {
      switch (fields.nameLength(field)) {
        case 10:
          if (fields.isNamed(field, "connection", text)) this.#takeConnection(fields.value(field, text));
          else if (fields.isNamed(field, "keep-alive", text)) this.#takeKeepAlive(fields.value(field, text));
          break;
        case 14:
          if (fields.isNamed(field, "content-length", text)) this.#takeLength(fields.value(field, text));
          break;
        case 17:
          if (fields.isNamed(field, "transfer-encoding", text)) this.#takeCoding(fields.value(field, text));
      }
    }
    if (this.chunked && this.contentLength !== null) {
      throw new MalformedResponse("Content-Length and Transfer-Encoding are both there");
    }
    if (this.chunked && minorVersion === 0) {
      throw new MalformedResponse("HTTP/1.0 has no Transfer-Encoding");
    }
  }

  #takeLength(value: string): void {
    if (this.contentLength !== null) throw new MalformedResponse("Content-Length is there twice");
    if (!/^[0-9]{1,15}$/.test(value)) throw new MalformedResponse("Content-Length is no number");
    this.contentLength = Number(value);
  }

  #takeCoding(value: string): void {
    if (this.chunked) throw new MalformedResponse("Transfer-Encoding is there twice");
    if (value.toLowerCase() !== "chunked") throw new MalformedResponse("Transfer-Encoding is not chunked");
    this.chunked = true;
  }

  #takeConnection(value: string): void {
    for (const option of value.toLowerCase().split(",")) {
      if (option.trim() === "close") this.close = true;
      else if (option.trim() === "keep-alive") this.keepAlive = true;
    }
  }

  #takeKeepAlive(value: string): void {
    const seconds = /(?:^|[\s,])timeout=([0-9]{1,6})(?:$|[\s,])/i.exec(value)?.[1];
    if (seconds !== undefined) this.keptFor = Number(seconds) * 1_000;
  }
}
