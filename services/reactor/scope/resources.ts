import type { ReactorTime } from "../../async/time.ts";

/** Something that a scope releases. */
export interface Resource {
  /** In words, for an operator who wonders what held up a stop: `port tcp:0.0.0.0:80`. */
  readonly description: string;
  release(): unknown;
}

/** What a scope has opened, in order; released last-in first-out, each awaited, none for ever. */
export class Resources {
  readonly #resources = new Set<Resource>();

  add(resource: Resource): void {
    this.#resources.add(resource);
  }

  delete(resource: Resource): void {
    this.#resources.delete(resource);
  }

  /**
   * Release everything, giving all of it together `within` ms. What failed is told to `failed`; what did not
   * finish is left behind and returned by its description.
   */
  async releaseAll(
    time: ReactorTime,
    within: number,
    failed: (resource: Resource, error: unknown) => void,
  ): Promise<string[]> {
    const late = Promise.withResolvers<"late">();
    const deadline = time.callLater(within, () => late.resolve("late"));
    const leftovers: string[] = [];
    for (const resource of [...this.#resources].reverse()) {
      this.#resources.delete(resource);
      try {
        const released = resource.release();
        // What is done already must not be called late because something before it was.
        if (!isPromiseLike(released)) continue;
        const settled = Promise.resolve(released).catch((error) => failed(resource, error));
        if (await Promise.race([settled, late.promise]) === "late") leftovers.push(resource.description);
      } catch (error) {
        failed(resource, error);
      }
    }
    deadline.cancel();
    return leftovers;
  }
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** A disposable as a resource. */
export function disposableResource(disposable: Disposable | AsyncDisposable): Resource {
  return {
    description: `resource ${disposable.constructor?.name ?? "object"}`,
    release: () =>
      Symbol.asyncDispose in disposable ? disposable[Symbol.asyncDispose]() : disposable[Symbol.dispose](),
  };
}
