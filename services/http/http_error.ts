/**
 * A refusal with a status of its own: what the parser gives a request that breaks the rules, and what a
 * handler may throw to be answered by it instead of by 500. `message` is sent to the client.
 *
 * @example
 * ```ts
 * import { HttpError } from "@heddle/heddle/http";
 *
 * throw new HttpError(403, "Only members may post here");
 * ```
 */
export class HttpError extends Error {
  /** `"HttpError"`. */
  override readonly name = "HttpError";
  /** 400 to 599. */
  readonly status: number;
  /** Sent with the reply. */
  readonly headers: Readonly<Record<string, string>>;

  /** `message` is for the client: tell no more than it may know. */
  constructor(
    status: number,
    message: string,
    options: ErrorOptions & { readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message, options);
    this.status = status;
    this.headers = options.headers ?? {};
  }
}
