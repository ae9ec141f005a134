import { HttpError } from "./http_error.ts";

const noFields: readonly string[] = [];

/** The fields that decide where a request ends, whom it is for, and what becomes of its connection. */
export class Framing {
  host: string | null = null;
  contentLength: number | null = null;
  chunked = false;
  close = false;
  keepAlive = false;
  expectsContinue = false;

  /** True for names whose length tells that `take` may want them: no other field's value is looked at. */
  static concerns(nameLength: number): boolean {
    return nameLength === 4 || nameLength === 6 || nameLength === 10 || nameLength === 14 ||
      nameLength === 17;
  }

  /** A field of the header section. `name` in lower case. */
  take(name: string, value: string): void {
    switch (name) {
      case "host":
        if (this.host !== null) throw new HttpError(400, "Host field is there twice");
        this.host = value;
        break;
      case "content-length":
        this.#takeContentLength(value);
        break;
      case "transfer-encoding":
        this.#takeTransferEncoding(value);
        break;
      case "connection":
        this.#takeConnection(value);
        break;
      case "expect":
        if (value.toLowerCase() !== "100-continue") throw new HttpError(417, "Expectation is not known");
        this.expectsContinue = true;
        break;
    }
  }

  /** What only the whole section tells. */
  finish(minorVersion: 0 | 1): void {
    if (this.chunked && this.contentLength !== null) {
      throw new HttpError(400, "Content-Length and Transfer-Encoding are both there");
    }
    if (minorVersion === 1) {
      if (this.host === null) throw new HttpError(400, "Host field is missing");
      return;
    }
    // RFC 9112, section 6.1: a server before 1.1 that passed it on did not understand it.
    if (this.chunked) throw new HttpError(400, "HTTP/1.0 has no Transfer-Encoding");
    this.expectsContinue = false;
  }

  #takeContentLength(value: string): void {
    // The same length twice is allowed to be taken for once (RFC 9110, section 8.6). Others refuse it, too.
    if (this.contentLength !== null) throw new HttpError(400, "Content-Length is there twice");
    if (!/^[0-9]+$/.test(value)) throw new HttpError(400, "Content-Length is no number");
    const length = Number(value);
    if (!Number.isSafeInteger(length)) throw new HttpError(413, "Content-Length is too large");
    this.contentLength = length;
  }

  #takeTransferEncoding(value: string): void {
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

function listOf(value: string): readonly string[] {
  if (value === "") return noFields;
  return value.toLowerCase().split(",").map((item) => item.trim());
}
