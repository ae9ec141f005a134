import type { Logger } from "./log.ts";
import type { Reactor } from "./reactor/reactor.ts";

/**
 * Names something that one service provides to others, with its type. Tokens are compared by `id`, so
 * that two copies of a module agree: choose it like a package name, `"acme.cache"`.
 */
export interface Token<T> {
  /** Unique among all tokens: a name like a package's. */
  readonly id: string;
  /** Never set; carries the type. */
  readonly _type?: T;
}

/** Make a token. */
export function token<T>(id: string): Token<T> {
  return { id };
}

/** What a service is given at `start`: its view of the shared reactor, its log, its life's signals. */
export interface ServiceContext {
  /** Its path in the application (`web`, `backend.store`): the identity for diffs, logs, metrics. */
  readonly name: string;
  /** Its own view of the shared reactor: what is opened through it is released with the service. */
  readonly reactor: Reactor;
  /** Where the service writes; records carry its name. */
  readonly log: Logger;
  /** Aborted when a stop was asked for: take no new work, finish what is under way. */
  readonly draining: AbortSignal;
  /** Aborted when the drain deadline passed or the service failed: let go now. */
  readonly signal: AbortSignal;
  /** Release `resource` with the service, last-in first-out; returns it. */
  use<T extends Disposable | AsyncDisposable>(resource: T): T;
  /** Run a tracked task, which should end when its signal is aborted. One that rejects fails the service. */
  spawn(task: (signal: AbortSignal) => Promise<void>): void;
  /**
   * What a service that this one `needs` provides, or a capability that the application grants.
   * @throws {Error} naming the token and the needed services, when none of them provides it
   */
  get<T>(token: Token<T>): T;
  /** Offer `value` to the services that need this one. Before `start` settles. */
  provide<T>(token: Token<T>, value: T): void;
  /** Done, on purpose: a `permanent` service is started again, the others end `finished`. */
  finish(result?: unknown): void;
  /** Failed: the supervisor decides what follows. */
  fail(reason: unknown): void;
}
