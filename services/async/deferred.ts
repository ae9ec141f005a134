import { isPromiseLike } from "./_promise_like.ts";
import { AlreadyCalledError, CancelledError, TimeoutError } from "./errors.ts";
import type { ReactorTime } from "./time.ts";

/** What a callback may give back: a value, or a Deferred or promise of one, for which the chain waits. */
export type Eventual<T> = T | PromiseLike<T>;

/** Puts an end to what a Deferred waits for. It may call the Deferred back itself. */
export type Canceller<T> = (deferred: Deferred<T>) => void;

type Outcome = PromiseSettledResult<unknown>;
type Handler = (input: unknown) => unknown;

/** One link of a chain: it changes the outcome, looks at it, or hands it to the chain that waits for it. */
type Link =
  | { readonly kind: "step"; readonly onValue: Handler | null; readonly onError: Handler | null }
  | { readonly kind: "watch"; readonly see: (outcome: Outcome) => void }
  | { readonly kind: "resume"; readonly outer: Deferred<unknown> };

/**
 * How far the one result has come: `cancelled` has failed already and ignores the result that the source,
 * which knows nothing of the cancelling, may still deliver.
 */
type Call = "pending" | "cancelled" | "called";

/**
 * A value that comes later, and the chain of what is done with it: Twisted's Deferred.
 *
 * It differs from a promise in that callbacks run at once, in the stack of `callback`, or of `addCallback`
 * when the value is there; that each callback changes what the next one is given; and that it can be
 * cancelled. A callback that returns a Deferred or a promise makes the chain wait for it. It can be awaited
 * (see {@linkcode Deferred.toPromise}).
 *
 * A failure that nobody handles is an unhandled rejection, by the rules of promises: whoever is to handle it
 * must have been added by the time that pending promise jobs have run.
 *
 * @example
 * ```ts
 * import { Deferred } from "@heddle/heddle";
 *
 * const answer = new Deferred<string>();
 * const length = answer
 *   .addCallback((text) => text.length)
 *   .addErrback((error) => {
 *     if (error instanceof SyntaxError) return 0;
 *     throw error;
 *   });
 * answer.callback("four");
 * console.assert(await length === 4);
 * ```
 */
export class Deferred<T> implements PromiseLike<T> {
  readonly #canceller: Canceller<T> | undefined;
  readonly #links: Link[] = [];
  #call: Call = "pending";
  #outcome: Outcome | null = null;
  /** What the chain waits for, after a callback returned it. */
  #inner: Deferred<unknown> | null = null;
  /** A callback is on the stack: what is added meanwhile waits for its turn. */
  #inCallback = false;
  /** Somebody who watched has seen the failure, so that it is no longer ours to report. */
  #failureSeen = false;
  /** Stands for a failure at the end of the chain. */
  #unhandled: Promise<never> | null = null;

  /**
   * One that waits for its result.
   *
   * @param canceller called by {@linkcode Deferred.cancel} while there is no result. Without one, a
   * result that comes after the cancelling is ignored.
   */
  constructor(canceller?: Canceller<T>) {
    this.#canceller = canceller;
  }

  /** A Deferred that is called back with the promise's outcome; `canceller` may, say, abort a signal. */
  static fromPromise<T>(promise: PromiseLike<T>, canceller?: Canceller<T>): Deferred<T> {
    const deferred = new Deferred<T>(canceller);
    promise.then(
      (value) => deferred.#call === "pending" && deferred.callback(value),
      (error) => deferred.#call === "pending" && deferred.errback(error),
    );
    return deferred;
  }

  /** True once there was a result. The chain may still wait for what a callback returned. */
  get called(): boolean {
    return this.#call !== "pending";
  }

  /**
   * Here is the value: run the callbacks.
   *
   * @throws {AlreadyCalledError} when there was a result already
   * @throws {TypeError} when `value` is a Deferred or a promise: only callbacks may return those
   */
  callback(value: T): void {
    if (isPromiseLike(value)) {
      throw new TypeError("Cannot call a Deferred back with a promise: use Deferred.fromPromise");
    }
    this.#settle({ status: "fulfilled", value });
  }

  /**
   * It failed: run the errbacks.
   *
   * @throws {AlreadyCalledError} when there was a result already
   */
  errback(error: unknown): void {
    this.#settle({ status: "rejected", reason: error });
  }

  /** Then do this with the value. What it returns or throws is the next one's. */
  addCallback<U>(onValue: (value: T) => Eventual<U>): Deferred<U> {
    return this.#addStep<U>(onValue as Handler, null);
  }

  /** If it failed, do this. What it returns is a value again; to go on failing, throw. */
  addErrback<U>(onError: (error: unknown) => Eventual<U>): Deferred<T | U> {
    return this.#addStep<T | U>(null, onError);
  }

  /** One of the two: `onError` does not see what `onValue` throws. */
  addCallbacks<U, V>(
    onValue: (value: T) => Eventual<U>,
    onError: (error: unknown) => Eventual<V>,
  ): Deferred<U | V> {
    return this.#addStep<U | V>(onValue as Handler, onError);
  }

  /** Do this either way. */
  addBoth<U>(onOutcome: (outcome: PromiseSettledResult<T>) => Eventual<U>): Deferred<U> {
    return this.#addStep<U>(
      (value) => onOutcome({ status: "fulfilled", value: value as T }),
      (reason) => onOutcome({ status: "rejected", reason }),
    );
  }

  /**
   * Nobody wants the value any more. Without a result yet, calls the canceller, then fails with
   * `CancelledError`, or with what the canceller threw, unless the canceller called back. Cancels what a
   * callback returned when the chain waits for that. Otherwise does nothing.
   */
  cancel(): void {
    let innermost = this as Deferred<unknown>;
    while (innermost.#inner !== null) innermost = innermost.#inner;
    innermost.#cancelCall();
  }

  /** Cancel when `ms` milliseconds pass without a result; the `CancelledError` becomes a `TimeoutError`. */
  addTimeout(ms: number, clock: ReactorTime): this {
    let timedOut = false;
    const timer = clock.callLater(ms, () => {
      timedOut = true;
      this.cancel();
    });
    this.addBoth((outcome) => {
      timer.cancel();
      if (outcome.status === "fulfilled") return outcome.value;
      if (!timedOut || !(outcome.reason instanceof CancelledError)) throw outcome.reason;
      throw new TimeoutError(`No result within ${ms} ms`, { cause: outcome.reason });
    });
    return this;
  }

  /** The outcome at this place of the chain; callbacks that are added later do not change it. */
  toPromise(): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const see = (outcome: Outcome): void =>
        outcome.status === "fulfilled" ? resolve(outcome.value as T) : reject(outcome.reason);
      this.#add({ kind: "watch", see });
    });
  }

  /** What `await` calls: see {@linkcode Deferred.toPromise}. */
  then<U = T, V = never>(
    onValue?: ((value: T) => Eventual<U>) | null,
    onError?: ((error: unknown) => Eventual<V>) | null,
  ): Promise<U | V> {
    return this.toPromise().then(onValue, onError);
  }

  #settle(outcome: Outcome): void {
    switch (this.#call) {
      case "pending":
        return this.#fire("called", outcome);
      case "cancelled":
        this.#call = "called";
        return;
      case "called":
        throw new AlreadyCalledError("Cannot call a Deferred back twice");
    }
  }

  #cancelCall(): void {
    if (this.#call !== "pending") return;
    let reason: unknown = new CancelledError("Cancelled before there was a result");
    try {
      this.#canceller?.(this);
    } catch (error) {
      reason = error;
    }
    // The canceller may have called back, which the compiler does not see.
    if ((this.#call as Call) !== "pending") return;
    this.#fire(this.#canceller === undefined ? "cancelled" : "called", { status: "rejected", reason });
  }

  #fire(call: Call, outcome: Outcome): void {
    this.#call = call;
    this.#outcome = outcome;
    this.#run();
  }

  #addStep<U>(onValue: Handler | null, onError: Handler | null): Deferred<U> {
    this.#add({ kind: "step", onValue, onError });
    return this as unknown as Deferred<U>;
  }

  #add(link: Link): void {
    this.#links.push(link);
    this.#run();
  }

  /** Run the chain, then those that waited for it; a loop, since thousands may wait one for another. */
  #run(): void {
    const chains: Deferred<unknown>[] = [this as Deferred<unknown>];
    for (let chain = chains.at(-1); chain !== undefined; chain = chains.at(-1)) {
      const outer = chain.#runLinks();
      if (outer === null) chains.pop();
      else chains.push(outer);
    }
  }

  /** Run the links as far as that is possible now, or up to one that resumes another chain: that is returned. */
  #runLinks(): Deferred<unknown> | null {
    while (this.#outcome !== null && this.#inner === null && !this.#inCallback) {
      this.#dismissUnhandled();
      const link = this.#links.shift();
      if (link === undefined) {
        this.#reportUnhandled(this.#outcome);
        return null;
      }
      if (link.kind === "step") {
        this.#take(link.onValue, link.onError, this.#outcome);
      } else {
        this.#failureSeen = true;
        if (link.kind === "resume") return link.outer.#resume(this.#outcome);
        link.see(this.#outcome);
      }
    }
    return null;
  }

  #take(onValue: Handler | null, onError: Handler | null, outcome: Outcome): void {
    const fulfilled = outcome.status === "fulfilled";
    const handler = fulfilled ? onValue : onError;
    if (handler === null) return;
    this.#failureSeen = false;
    this.#inCallback = true;
    try {
      this.#adopt(handler(fulfilled ? outcome.value : outcome.reason));
    } catch (error) {
      this.#outcome = { status: "rejected", reason: error };
    } finally {
      this.#inCallback = false;
    }
  }

  /** Go on with what a callback returned. */
  #adopt(result: unknown): void {
    if (!isPromiseLike(result)) {
      this.#outcome = { status: "fulfilled", value: result };
      return;
    }
    if (result === this) throw new TypeError("Cannot make a Deferred wait for itself");
    const inner = result instanceof Deferred ? result : Deferred.fromPromise(result);
    this.#inner = inner;
    // One that has its result already resumes this chain here and now.
    inner.#add({ kind: "resume", outer: this as Deferred<unknown> });
  }

  #resume(outcome: Outcome): Deferred<unknown> {
    this.#inner = null;
    this.#outcome = outcome;
    return this as Deferred<unknown>;
  }

  #reportUnhandled(outcome: Outcome): void {
    if (outcome.status === "rejected" && !this.#failureSeen) this.#unhandled = Promise.reject(outcome.reason);
  }

  #dismissUnhandled(): void {
    this.#unhandled?.catch(() => {});
    this.#unhandled = null;
  }
}
