import type { Token } from "../../services/context.ts";
import { Capabilities } from "./capabilities.ts";

interface Provider {
  readonly path: string;
  readonly values: Map<string, unknown>;
}

/** What running services provide to those that need them. */
export class Provisions {
  /** By life of a service: while one is replaced, its successor provides already. The newest comes last. */
  readonly #providers = new Map<object, Provider>();
  readonly #capabilities: Capabilities;

  /** `capabilities` are what the application itself offers to every service. */
  constructor(capabilities: Capabilities = new Capabilities()) {
    this.#capabilities = capabilities;
  }

  provide(life: object, path: string, token: Token<unknown>, value: unknown): void {
    const provider = this.#providers.get(life) ?? { path, values: new Map<string, unknown>() };
    provider.values.set(token.id, value);
    this.#providers.set(life, provider);
  }

  /** The life of a service is over, and with it what it provided. */
  withdraw(life: object): void {
    this.#providers.delete(life);
  }

  /**
   * What one of `needs` (paths of services or groups) provides under `token` to the service at `path`, or the
   * application itself to one that has these `grants`.
   * @throws {Error} when none does
   */
  get<T>(path: string, needs: readonly string[], token: Token<T>, grants: readonly string[] = []): T {
    if (this.#capabilities.has(token)) return this.#capabilities.get(token, path, grants);
    const provider = [...this.#providers.values()].findLast((candidate) =>
      candidate.values.has(token.id) && needs.some((need) => covers(need, candidate.path))
    );
    if (provider !== undefined) return provider.values.get(token.id) as T;
    const why = needs.length === 0
      ? "it needs no service; name the provider under needs"
      : `none of ${needs.map((need) => `"${need}"`).join(", ")} provides it`;
    throw new Error(`Cannot get "${token.id}" for service "${path}": ${why}`);
  }
}

function covers(need: string, provider: string): boolean {
  return provider === need || provider.startsWith(`${need}.`);
}
