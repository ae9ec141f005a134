import type { Token } from "../../services/context.ts";

interface Offer {
  readonly make: (path: string) => unknown;
  /** What the file must have granted. */
  readonly grant: string | undefined;
}

/** What the application itself offers to its services, by token id: made for the service at a path. */
export class Capabilities {
  readonly #offers = new Map<string, Offer>();

  /**
   * Offer what `make` returns for a service to whichever asks for `token`; with `grant`, only to those to which the
   * application file grants that.
   */
  offer<T>(token: Token<T>, make: (path: string) => T, grant?: string): void {
    this.#offers.set(token.id, { make, grant });
  }

  /** Whether there is anything under `token`. */
  has(token: Token<unknown>): boolean {
    return this.#offers.has(token.id);
  }

  /**
   * What the service at `path`, to which `grants` were granted, gets under `token`.
   * @throws {Error} when it takes a grant that is not among them
   */
  get<T>(token: Token<T>, path: string, grants: readonly string[] = []): T {
    const { make, grant } = this.#offers.get(token.id)!;
    if (grant !== undefined && !grants.includes(grant)) {
      throw new Error(
        `Cannot get "${token.id}" for service "${path}": it is not granted; write "grants: [${grant}]" there`,
      );
    }
    return make(path) as T;
  }
}
