/**
 * Why there is no response, or no more of one: no connection could be made; it was closed; something took too
 * long; what came was no response; the request's own body failed; or the caller gave up.
 */
export type ClientFailure = "connect" | "closed" | "timeout" | "malformed" | "body" | "cancelled";

/** A request that came to nothing. */
export class HttpClientError extends Error {
  /** `"HttpClientError"`. */
  override readonly name = "HttpClientError";
  /** What went wrong. */
  readonly failure: ClientFailure;
  /** Something of the response had come. */
  readonly answered: boolean;
  /**
   * The connection had carried a request before, and was closed without a word: as a rule the server had given it
   * up just when it was used again, and never saw this request.
   */
  readonly stale: boolean;

  /** `message` is for a person. */
  constructor(
    failure: ClientFailure,
    message: string,
    options: ErrorOptions & { readonly answered?: boolean; readonly stale?: boolean } = {},
  ) {
    super(message, options);
    this.failure = failure;
    this.answered = options.answered ?? false;
    this.stale = options.stale ?? false;
  }

  /** No server can have acted on the request: it may be sent again, whatever its method. */
  get unsent(): boolean {
    return this.failure === "connect";
  }
}
