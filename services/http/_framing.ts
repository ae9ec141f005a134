import type { FieldIndex } from "./_field_index.ts";
import { HttpError } from "./http_error.ts";

/** The fields that decide where a request ends, whom it is for, and what becomes of its connection. */
export class Framing {
  host: string | null = null;
  contentLength: number | null = null;
  chunked = false;
  close = false;
  keepAlive = false;
  expectsContinue = false;

  /**
   * Find them among the fields of `text`.
   * @throws {HttpError} when they break the rules
   */
  read(fields: FieldIndex, text: string, minorVersion: 0 | 1): void {
    this.host = this.contentLength = null;
    this.chunked =
      this.close =
      this.keepAlive =
      this.expectsContinue =
        false;
    for (let field = 0; field < fields.count; field++) {
      switch (fields.nameLength(field)) {
        case 4:
          if (fields.isNamed(field, "host", text)) this.#takeHost(fields.value(field, text));
          break;
        case 6:
          if (fields.isNamed(field, "expect", text)) this.#takeExpectation(fields.value(field, text));
          break;
        case 10:
          if (fields.isNamed(field, "connection", text)) this.#takeConnection(fields.value(field, text));
          break;
        case 14:
          if (fields.isNamed(field, "content-length", text)) {
            this.#takeLength(framingValue(fields, field, text));
          }
          break;
        case 17:
          if (fields.isNamed(field, "transfer-encoding", text)) {
            // Allowed, but not every parser takes "chunked<TAB>" for chunked: who disagrees can be smuggled past.
            if (fields.hasTabBehind(field, text)) {
              throw new HttpError(400, "Transfer-Encoding ends with a tab");
            }
            this.#takeCoding(fields.value(field, text));
          }
      }
    }
    this.#check(minorVersion);
  }

  /** What only all of them together tell. */
  #check(minorVersion: 0 | 1): void {
    if (this.chunked && this.contentLength !== null) {
      throw new HttpError(400, "Content-Length and Transfer-Encoding are both there");
    }
    if (minorVersion === 1) {
      if (this.host === null) throw new HttpError(400, "Host field is missing");
      return;
    }
    // RFC 9112, section 6.1: whoever passed it on before 1.1 did not understand it.
    if (this.chunked) throw new HttpError(400, "HTTP/1.0 has no Transfer-Encoding");
    this.expectsContinue = false;
  }

  #takeHost(value: string): void {
    if (this.host !== null) throw new HttpError(400, "Host field is there twice");
    this.host = value;
  }

  #takeExpectation(value: string): void {
    if (value.toLowerCase() !== "100-continue") throw new HttpError(417, "Expectation is not known");
    this.expectsContinue = true;
  }

  #takeLength(value: string): void {
    // RFC 9110, section 8.6 lets us take the same length twice for once. We refuse it, as others do.
    if (this.contentLength !== null) throw new HttpError(400, "Content-Length is there twice");
    if (!/^[0-9]+$/.test(value)) throw new HttpError(400, "Content-Length is no number");
    const length = Number(value);
    if (!Number.isSafeInteger(length)) throw new HttpError(413, "Content-Length is too large");
    this.contentLength = length;
  }

  #takeCoding(value: string): void {
    if (this.chunked) throw new HttpError(400, "Transfer-Encoding is there twice");
    const codings = listOf(value);
    if (codings.at(-1) !== "chunked") throw new HttpError(400, "Transfer-Encoding does not end with chunked");
    if (codings.length > 1) throw new HttpError(501, "Transfer-Encoding is not known");
    this.chunked = true;
  }

  #takeConnection(value: string): void {
    for (const option of listOf(value)) {
      if (option === "close") this.close = true;
      else if (option === "keep-alive") this.keepAlive = true;
    }
  }
}

/** A tab behind the value is allowed, but not every parser bears it, and who disagrees can be smuggled past. */
function framingValue(fields: FieldIndex, field: number, text: string): string {
  if (fields.hasTabBehind(field, text)) {
    throw new HttpError(400, "Field that frames the body ends with a tab");
  }
  return fields.value(field, text);
}

function listOf(value: string): readonly string[] {
  const lower = value.toLowerCase();
  return lower.includes(",") ? lower.split(",").map((item) => item.trim()) : [lower];
}
