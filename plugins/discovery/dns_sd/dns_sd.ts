import type { Logger } from "../../../services/log.ts";
import type { Reactor } from "../../../services/reactor/reactor.ts";
import { type PublishedPlace, publishedPlaces } from "./published_places.ts";
import type { Registration, Registry } from "../../../services/registry/registry.ts";
import { formatAddress } from "../../../services/reactor/address.ts";
import { Browser, type FoundService } from "./link/browser.ts";
import type { Claim } from "./link/claim.ts";
import { Link } from "./link/link.ts";
import { sameName } from "./link/record.ts";
import type { LinkAddresses } from "./link_addresses.ts";
import { LinkSockets } from "./link_sockets.ts";
import type { DnsSdOptions } from "./options.ts";
import { hostClaim, serviceClaim } from "./own_records.ts";

/** What DNS-SD works with. */
export interface DnsSdSurroundings {
  readonly reactor: Reactor;
  readonly registry: Registry;
  readonly log: Logger;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** The interfaces that are to be used now. */
  readonly links: () => readonly LinkAddresses[];
}

/** What is said and heard on one link. */
interface Conversation {
  readonly link: Link;
  readonly host: Claim;
  readonly browsers: readonly { heard: Browser["heard"]; close(): void }[];
  readonly claims: Map<string, Claim>;
}

/** How often the interfaces are looked at, ms. */
const LOOK_INTERVAL = 5_000;

/**
 * Tells the local networks of chosen services, and registers what is found there. Interfaces may come and go.
 */
export class DnsSd {
  readonly #with: DnsSdSurroundings;
  readonly #options: DnsSdOptions;
  readonly #sockets: LinkSockets;
  readonly #conversations = new Map<string, Conversation>();
  readonly #found = new Map<string, Promise<Registration | null>>();
  #closed = false;

  private constructor(sockets: LinkSockets, options: DnsSdOptions, surroundings: DnsSdSurroundings) {
    this.#sockets = sockets;
    this.#options = options;
    this.#with = surroundings;
  }

  /** @throws {CannotListenError} when port 5353 cannot be shared */
  static async open(options: DnsSdOptions, surroundings: DnsSdSurroundings): Promise<DnsSd> {
    const sockets = await LinkSockets.open(surroundings.reactor);
    const dnsSd = new DnsSd(sockets, options, surroundings);
    await dnsSd.#look();
    dnsSd.#lookLater();
    return dnsSd;
  }

  /** What is registered here may have changed: say on every link what is so now. */
  publish(): void {
    if (this.#closed) return;
    const places = publishedPlaces(this.#options.publish, this.#with.registry);
    for (const [name, conversation] of this.#conversations) {
      this.#publishOn(conversation, places, this.#sockets.addresses(name)!);
    }
  }

  /** Say goodbye everywhere, and fall silent. At once: a scope that drains closes its sockets soon. */
  farewell(): void {
    this.#closed = true;
    for (const { link, browsers } of this.#conversations.values()) {
      for (const browser of browsers) browser.close();
      link.close();
    }
    this.#conversations.clear();
  }

  #publishOn(
    { link, host, claims }: Conversation,
    all: readonly PublishedPlace[],
    addresses: LinkAddresses,
  ): void {
    const here = new Map(
      all.filter(({ hostnames }) => hostnames.some((hostname) => addresses.all.includes(hostname)))
        .map((place) => [place.key, place]),
    );
    for (const [key, claim] of claims) {
      if (here.has(key)) continue;
      claims.delete(key);
      link.release(claim);
    }
    for (const [key, place] of here) {
      if (!claims.has(key)) claims.set(key, link.claim(serviceClaim(place, () => host.name)));
    }
  }

  #lookLater(): void {
    if (this.#closed) return;
    this.#with.reactor.callLater(LOOK_INTERVAL, () => {
      void this.#look().then(() => this.#lookLater());
    });
  }

  async #look(): Promise<void> {
    const { links, log } = this.#with;
    const now = new Map(links().map((link) => [link.name, link]));
    for (const name of [...this.#conversations.keys()]) {
      const [before, after] = [this.#sockets.addresses(name), now.get(name)];
      if (JSON.stringify(before) !== JSON.stringify(after)) await this.#leave(name);
    }
    for (const [name, addresses] of now) {
      if (this.#closed || this.#conversations.has(name)) continue;
      try {
        await this.#enter(addresses);
      } catch (error) {
        // It may have gone again, or not be up yet; it is tried again.
        log.debug("Cannot speak multicast DNS on an interface", { interface: name, error });
      }
    }
  }

  async #enter(addresses: LinkAddresses): Promise<void> {
    const { reactor, random, log, registry } = this.#with;
    const browsers: Conversation["browsers"][number][] = [];
    const link = await this.#sockets.add(addresses, (send) =>
      new Link({
        time: reactor,
        random,
        send,
        settled: (claim) => this.#settled(addresses.name, claim),
        heard: (records) => {
          for (const browser of browsers) browser.heard(records);
        },
      }));
    const host = link.claim(hostClaim(hostLabel(registry.node), addresses.all));
    for (const [service, type] of Object.entries(this.#options.browse)) {
      browsers.push(this.#browse(service, type, link, addresses.name));
    }
    this.#conversations.set(addresses.name, { link, host, browsers, claims: new Map() });
    log.debug("Speaking multicast DNS", { interface: addresses.name, address: addresses.address });
    this.publish();
  }

  async #leave(name: string): Promise<void> {
    for (const browser of this.#conversations.get(name)?.browsers ?? []) browser.close();
    this.#conversations.delete(name);
    await this.#sockets.remove(name);
  }

  #settled(name: string, claim: Claim): void {
    const conversation = this.#conversations.get(name);
    this.#with.log.info("Known on the local network", { name: claim.name, interface: name });
    // Services point to it, perhaps by another name than before.
    if (claim === conversation?.host) {
      for (const other of conversation.claims.values()) other.announceAgain();
    }
  }

  #browse(service: string, type: string, link: Link, interfaceName: string): Browser {
    const { reactor, random } = this.#with;
    const key = (name: string): string => `${interfaceName} ${name.toLowerCase()}`;
    return new Browser({
      type,
      time: reactor,
      random,
      ask: (questions, known) => link.ask(questions, known),
      found: (found) => {
        if (!this.#isOwn(found.name)) this.#register(service, key(found.name), found, type);
      },
      lost: (name) => this.#deregister(key(name)),
    });
  }

  #isOwn(name: string): boolean {
    return [...this.#conversations.values()].some(({ claims }) =>
      [...claims.values()].some((claim) => sameName(claim.name, name))
    );
  }

  #register(
    service: string,
    key: string,
    { name, port, addresses, host, txt }: FoundService,
    type: string,
  ): void {
    this.#deregister(key);
    const { registry, log } = this.#with;
    const [hostname] = addresses as [string];
    const registration = registry.register({
      service,
      endpoint: formatAddress({ transport: type.endsWith("_udp") ? "udp" : "tcp", hostname, port }),
      tags: ["dns-sd"],
      metadata: { ...txt, host, name: name.slice(0, -`.${type}.local`.length) },
    }).catch((error) => {
      log.warn("What was found on the local network cannot be registered", { name, error });
      return null;
    });
    this.#found.set(key, registration);
  }

  #deregister(key: string): void {
    const registration = this.#found.get(key);
    this.#found.delete(key);
    void registration?.then((registration) => registration?.deregister());
  }
}

/** A label for the machine: other responders may have its plain name already. */
function hostLabel(node: string): string {
  return `heddle-${node.toLowerCase().replace(/[^a-z0-9-]+/g, "-")}`.slice(0, 59);
}
