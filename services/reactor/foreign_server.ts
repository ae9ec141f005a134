import type { Address } from "./address.ts";

/**
 * A server that does its own accepting, such as `Deno.serve`, in the hands of a scope: it is listed among what
 * the scope listens on, drained and ended with it. Its port is not kept for a successor.
 */
export interface ForeignServer {
  /** Where it listens. */
  readonly host: Address;
  /** What is under way, in words, for who wonders what held up a stop: `"2 requests"`; null when nothing is. */
  readonly underWay: string | null;
  /** Finish what is under way, then close; resolves when it is closed. Repeatable. */
  drain(): Promise<void>;
  /** Close now, whatever is under way: what `drain` has returned resolves soon. Repeatable. */
  abort(): void;
}
