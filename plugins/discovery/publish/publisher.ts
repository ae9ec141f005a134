import type { ApplicationView } from "../../../services/control/application_view.ts";
import type { Logger } from "../../../services/log.ts";
import type { Address } from "../../../services/reactor/address.ts";
import type { Registry } from "../../../services/registry/registry.ts";
import type { UnitState } from "../../../services/supervision/unit_state.ts";
import type { SystemAddress } from "../system_addresses.ts";
import { announcedEndpoints, realAddresses } from "./announced_endpoints.ts";
import { PUBLISHED_BY_DEFAULT, type PublishedOptions, type PublishOptions } from "./options.ts";
import { Publication, type Wanted } from "./publication.ts";
import { ServiceNames } from "./service_names.ts";

/** What a publisher works with. */
export interface PublisherOptions {
  /** The application whose services are published. */
  readonly view: ApplicationView;
  readonly registry: Registry;
  readonly options: PublishOptions;
  /** The path of the discovery service, which is not published itself. */
  readonly self: string;
  readonly log: Logger;
  /** The machine's interfaces as they are now. */
  readonly interfaces: () => readonly SystemAddress[];
}

/**
 * What a service's state makes of its instances. `keep`: they stay as they are; after a failure that is `failed`,
 * until it is ready again.
 */
const CONSEQUENCES: Readonly<Record<UnitState, "publish" | "draining" | "failed" | "keep" | "withdraw">> = {
  waiting: "keep",
  starting: "keep",
  ready: "publish",
  draining: "draining",
  stopped: "withdraw",
  backoff: "failed",
  finished: "withdraw",
  failed: "withdraw",
};

/** Keeps the registry true to what the application's services listen on, and how they are. */
export class Publisher implements Disposable {
  readonly #with: PublisherOptions;
  readonly #names: ServiceNames;
  /** By path of the service, then by instance id. */
  readonly #published = new Map<string, Map<string, Publication>>();
  readonly #stops: (() => void)[];

  /** Publishes what is ready, and from then on follows what happens. */
  constructor(options: PublisherOptions) {
    this.#with = options;
    this.#names = new ServiceNames((path, name, { wanted, holder }) =>
      options.log.warn(
        `Service "${path}" is published as "${name}": "${holder}" is "${wanted}" already. ` +
          `To choose a name, write services: { "${path}": { name: ... } } in the options`,
      )
    );
    const { view } = options;
    this.#stops = [
      view.subscribe((event) => {
        if (event.kind === "reloaded") this.refresh();
        else if (event.kind === "state" && event.unit === "service") this.#follow(event.path);
      }),
      view.beforeDrain((path) => this.#beforeDrain(path)),
    ];
    this.refresh();
    this.#warnOfUnknown();
  }

  /** Look at everything again: interfaces may have changed, and listeners come and gone. */
  refresh(): void {
    const paths = new Set(
      this.#with.view.status().filter(({ kind }) => kind === "service").map((it) => it.path),
    );
    for (const path of [...this.#published.keys(), ...paths]) this.#follow(path);
  }

  /** Withdraw everything; resolves when the registry has done so, or cannot. */
  async withdrawAll(): Promise<void> {
    await Promise.all([...this.#published.keys()].map((path) => this.#withdraw(path)));
  }

  /** Follow no longer. What is published still, as after a start that failed, is withdrawn without being waited for. */
  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
    void this.withdrawAll();
  }

  #follow(path: string): void {
    const { view, self } = this.#with;
    if (path === self) return;
    const status = view.statusOf(path);
    switch (status === undefined ? "withdraw" : CONSEQUENCES[status.state]) {
      case "publish":
        return this.#publish(path, status?.endpoints ?? []);
      case "draining":
        return this.#setState(path, "draining");
      case "failed":
        return this.#setState(path, "failed");
      case "withdraw":
        return void this.#withdraw(path);
      case "keep":
    }
  }

  /** Before its listeners close, nobody is to be sent there any more. A life that is being replaced leaves them open. */
  #beforeDrain(path: string): Promise<void> | undefined {
    const state = this.#with.view.statusOf(path)?.state;
    const consequence = state === undefined ? "withdraw" : CONSEQUENCES[state];
    return consequence === "draining" || consequence === "withdraw" ? this.#withdraw(path) : undefined;
  }

  #publish(path: string, addresses: readonly Address[]): void {
    const said = this.#with.options.services[path] ?? PUBLISHED_BY_DEFAULT;
    const wanted = said === false ? [] : this.#instances(path, addresses, said);
    const publications = this.#published.get(path) ?? new Map<string, Publication>();
    if (wanted.length > 0) this.#published.set(path, publications);
    const ids = new Set(wanted.map(({ id }) => id));
    for (const [id, publication] of publications) if (!ids.has(id)) void publication.want(null);
    for (const instance of wanted) void this.#publicationOf(path, instance.id, publications).want(instance);
  }

  #publicationOf(path: string, id: string, publications: Map<string, Publication>): Publication {
    let publication = publications.get(id);
    if (publication !== undefined) return publication;
    const { registry, log } = this.#with;
    publication = new Publication(registry, log, () => {
      publications.delete(id);
      if (publications.size === 0 && this.#published.get(path) === publications) this.#published.delete(path);
    });
    publications.set(id, publication);
    return publication;
  }

  #instances(path: string, addresses: readonly Address[], said: PublishedOptions): NonNullable<Wanted>[] {
    const { view, registry, options, interfaces } = this.#with;
    const { tags, metadata, weight, tls } = said;
    const isWildcard = (address: Address): boolean =>
      "hostname" in address && (address.hostname === "0.0.0.0" || address.hostname === "::");
    const real = addresses.some(isWildcard) ? options.advertise ?? realAddresses(interfaces()) : [];
    return addresses.flatMap((address) => announcedEndpoints(address, real, tls)).map((endpoint) => ({
      service: this.#names.nameOf(path, said.name),
      // The same after every restart that leaves it where it is.
      id: `${view.name}.${path}@${registry.node}/${endpoint}`.slice(0, 255),
      endpoint,
      tags,
      metadata: { application: view.name, unit: path, ...metadata },
      weight,
      state: "ready",
    }));
  }

  #setState(path: string, state: "draining" | "failed"): void {
    for (const publication of this.#published.get(path)?.values() ?? []) publication.wantState(state);
  }

  #withdraw(path: string): Promise<void> | undefined {
    const publications = this.#published.get(path);
    if (publications === undefined) return undefined;
    return Promise.all([...publications.values()].map((it) => it.want(null))).then(() => {});
  }

  #warnOfUnknown(): void {
    const { view, options, log } = this.#with;
    for (const path of Object.keys(options.services)) {
      if (view.statusOf(path)?.kind === "service") continue;
      log.warn(`There is no service "${path}" in the application: what the options say of it has no effect`);
    }
  }
}
