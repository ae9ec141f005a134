import { hostname } from "node:os";
import type { ServiceContext } from "../../services/context.ts";
import { applicationView } from "../../services/control/application_view.ts";
import { EmbeddedRegistry } from "../../services/registry/embedded_registry.ts";
import { type Registry, registry } from "../../services/registry/registry.ts";
import type { Service } from "../../services/service.ts";
import type { DiscoveryOptions } from "./options.ts";
import { Publisher } from "./publish/publisher.ts";
import { systemAddresses } from "./system_addresses.ts";

/** How often interfaces and listeners are looked at, besides when something happens; ms. */
const REFRESH = 15_000;

/** Publishes the application's services, and serves what is known of all. */
export class DiscoveryService implements Service<DiscoveryOptions> {
  readonly #options: DiscoveryOptions;
  #publisher: Publisher | null = null;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
  }

  async start(context: ServiceContext): Promise<void> {
    const { reactor, log, name } = context;
    const { backend } = this.#options;
    const node = this.#options.node ?? machineName();
    const known: Registry = backend === undefined
      ? context.use(new EmbeddedRegistry({ time: reactor, node }))
      : context.use(
        await (await import("./etcd/etcd_registry.ts")).openEtcd(backend, { time: reactor, log, node }),
      );
    context.provide(registry, known);
    this.#publisher = context.use(
      new Publisher({
        view: context.get(applicationView),
        registry: known,
        options: this.#options,
        self: name,
        log,
        interfaces: systemAddresses,
      }),
    );
    this.#refreshLater(context);
    const { dns, dnsSd, http } = this.#options;
    if (http !== undefined) await (await import("./http/serve_api.ts")).serveApi(http, known, context);
    if (dns !== undefined) await (await import("./dns/serve_dns.ts")).serveDns(context, known, dns);
    if (dnsSd !== undefined) {
      const { serveDnsSd } = await import("./dns_sd/serve_dns_sd.ts");
      await serveDnsSd(context, known, dnsSd, systemAddresses);
    }
  }

  /** Before the registry is released: what was published is withdrawn while others can still be told. */
  async stop(): Promise<void> {
    await this.#publisher?.withdrawAll();
  }

  #refreshLater({ reactor, draining }: ServiceContext): void {
    const refresh = (): void => {
      if (draining.aborted) return;
      this.#publisher?.refresh();
      reactor.callLater(REFRESH, refresh);
    };
    reactor.callLater(REFRESH, refresh);
  }
}

function machineName(): string {
  try {
    return hostname().replace(/[^\w.-]/g, "-").slice(0, 64) || "localhost";
  } catch {
    // That needs a permission, which nobody has to give for a name.
    return "localhost";
  }
}
