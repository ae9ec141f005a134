import type { Upstream } from "./upstream.ts";

/** A response's body on its way through: keeps its upstream's account. */
export class ForwardedResponseBody implements AsyncIterableIterator<Uint8Array> {
  readonly #body: AsyncIterableIterator<Uint8Array>;
  readonly #upstream: Upstream;
  readonly #route: string;
  #settled = false;

  constructor(body: AsyncIterableIterator<Uint8Array>, upstream: Upstream, route: string) {
    this.#body = body;
    this.#upstream = upstream;
    this.#route = route;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    return this.#body.next().then(this.#came, this.#broke);
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.#settle();
    return this.#body.return!();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #came = (result: IteratorResult<Uint8Array>): IteratorResult<Uint8Array> => {
    if (result.done) this.#settle();
    return result;
  };

  readonly #broke = (cause: unknown): never => {
    this.#settle();
    this.#upstream.failed();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Upstream "${this.#upstream.name}" of ${this.#route}: ${reason}`, { cause });
  };

  #settle(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#upstream.inFlight--;
  }
}
