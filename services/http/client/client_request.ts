/**
 * Gives a request up when its client leaves, say. It is asked for only where the response does not come within a
 * moment: making a signal costs more than all the rest of a fast request.
 */
export type LazySignal = () => AbortSignal;

/** A request as it is sent: nothing is added to it, nothing is changed. */
export interface ClientRequest {
  /** In upper case. */
  readonly method: string;
  /**
   * Request line, fields and the empty line, one octet a character. It must frame the body that follows, and is not
   * checked: `requestHead` makes one out of checked parts.
   */
  readonly head: string;
  /** Null when there is none. */
  readonly body: Uint8Array | ReadableStream<Uint8Array> | null;
  /** The head announces chunks: a stream is sent in them. */
  readonly chunked: boolean;
  /** It asks for another protocol: 101 is a fit answer. */
  readonly mayUpgrade: boolean;
}
