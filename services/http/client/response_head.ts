/** What a response says before its body, checked against RFC 9110 and RFC 9112. */
export interface ResponseHead {
  /** 101, or 200 to 599. */
  readonly status: number;
  /** HTTP/1.0 or HTTP/1.1. */
  readonly minorVersion: 0 | 1;
  /** The whole head, octet by octet (Latin-1), to the empty line. */
  readonly text: string;
  /** Where the first field begins in `text`. */
  readonly fieldsAt: number;
  /** As announced, also where no body follows (HEAD, 304); null when it is not. */
  readonly contentLength: number | null;
  /** The body comes in chunks. */
  readonly chunked: boolean;
  /** The connection may carry another request. */
  readonly keepAlive: boolean;
  /** Milliseconds for which the server says that it keeps the connection; null when it does not say. */
  readonly keptFor: number | null;
}
