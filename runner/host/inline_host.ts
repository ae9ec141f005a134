import type { Logger } from "../../services/log.ts";
import type { BaseReactor } from "../../services/reactor/base_reactor.ts";
import type { Capabilities } from "./capabilities.ts";
import type { DrainHooks } from "./drain_hooks.ts";
import type { Host, Instance, Launch } from "./host.ts";
import { InlineInstance } from "./inline_instance.ts";
import { Provisions } from "./provisions.ts";

/** What an inline host is made of. */
export interface InlineHostOptions {
  readonly reactor: BaseReactor;
  /** The logger of the service at `path`. */
  readonly log: (path: string) => Logger;
  /** What the application itself offers; default nothing. */
  readonly capabilities?: Capabilities;
  /** What services provide. Default: its own, over the capabilities. */
  readonly provisions?: Provisions;
  /** Who is told before a service drains; default nobody. */
  readonly drainHooks?: DrainHooks;
}

/** Runs services on the reactor of this process. */
export class InlineHost implements Host {
  readonly #options: InlineHostOptions;
  readonly #provisions: Provisions;

  constructor(options: InlineHostOptions) {
    this.#options = options;
    this.#provisions = options.provisions ?? new Provisions(options.capabilities);
  }

  launch(launch: Launch): Instance {
    const { reactor, log, drainHooks } = this.#options;
    return new InlineInstance(launch, reactor, log(launch.path), this.#provisions, drainHooks ?? null);
  }
}
