import type { Token } from "../../services/context.ts";

/** What the application itself offers to its services, by token id: made for the service at a path. */
export class Capabilities {
  readonly #makers = new Map<string, (path: string) => unknown>();

  /** Offer what `make` returns for a service to whichever asks for `token`. */
  offer<T>(token: Token<T>, make: (path: string) => T): void {
    this.#makers.set(token.id, make);
  }

  /** Whether there is anything under `token`. */
  has(token: Token<unknown>): boolean {
    return this.#makers.has(token.id);
  }

  /** What the service at `path` gets under `token`. */
  get<T>(token: Token<T>, path: string): T {
    return this.#makers.get(token.id)!(path) as T;
  }
}
