import type { ClientEndpoint } from "../../../services/endpoint/endpoint.ts";
import { canonicalDomain, parseMailbox } from "../../../services/mail/address.ts";
import type { Reactor } from "../../../services/reactor/reactor.ts";
import type { ClientSession, MailSession } from "../client/client_session.ts";
import { openSession, type SessionSettings } from "../client/open_session.ts";
import { type Outcome, ownOutcome } from "../client/outgoing.ts";
import { chooseExchangers } from "./choose_exchangers.ts";
import type { MailResolver } from "./mail_resolver.ts";

/** Why there is no session: what that means for everybody who was to be served in it. */
export class Undeliverable extends Error {
  /** `"Undeliverable"`. */
  override readonly name = "Undeliverable";

  /** Also without a failure that was thrown. */
  constructor(readonly outcome: Outcome) {
    super(outcome.answer);
  }
}

/** Where mail goes, and how one gets there. */
export interface Routes {
  /** Mail for addresses with the same key goes the same way, and can share a session. */
  keyFor(address: string): string;
  /**
   * Open a session for mail with that key.
   * @throws {Undeliverable}
   */
  open(key: string): Promise<MailSession>;
}

/** All mail goes to one server, which sees to the rest. */
export class SmarthostRoutes implements Routes {
  readonly #reactor: Reactor;
  readonly #endpoint: ClientEndpoint;
  readonly #settings: SessionSettings;

  constructor(reactor: Reactor, endpoint: ClientEndpoint, settings: SessionSettings) {
    this.#reactor = reactor;
    this.#endpoint = endpoint;
    this.#settings = settings;
  }

  keyFor(): string {
    return "smarthost";
  }

  async open(): Promise<ClientSession> {
    const endpoint = this.#endpoint;
    const name = nameOf(endpoint);
    try {
      return await openSession(this.#reactor, endpoint, name, this.#settings);
    } catch (error) {
      throw unreachable(name, error);
    }
  }
}

/** Mail goes to the servers that the DNS names for each domain. */
export class DirectRoutes implements Routes {
  readonly #reactor: Reactor;
  readonly #resolver: MailResolver;
  readonly #settings: SessionSettings;
  readonly #port: number;
  readonly #random: () => number;

  /**
   * @param port of the servers
   * @param random in [0, 1)
   */
  constructor(
    reactor: Reactor,
    resolver: MailResolver,
    port: number,
    random: () => number,
    settings: SessionSettings,
  ) {
    this.#reactor = reactor;
    this.#resolver = resolver;
    this.#settings = settings;
    this.#port = port;
    this.#random = random;
  }

  keyFor(address: string): string {
    return canonicalDomain(parseMailbox(address)?.domain ?? "");
  }

  async open(domain: string): Promise<ClientSession> {
    let failure: Undeliverable | null = null;
    for (const host of await this.#hosts(domain)) {
      for (
        const address of await this.#addresses(host).catch((error) => {
          failure = lookUpFailed(host, error);
          return [];
        })
      ) {
        const endpoint: ClientEndpoint = { kind: "tcp", hostname: address, port: this.#port };
        let session: ClientSession;
        try {
          session = await openSession(this.#reactor, endpoint, host, this.#settings);
        } catch (error) {
          failure = unreachable(`${host} (${address})`, error);
          continue;
        }
        if (canonicalDomain(session.serverName) !== canonicalDomain(this.#settings.hostname)) return session;
        await session.quit();
        throw new Undeliverable(ownOutcome("failed", "5.4.6", `Mail for "${domain}" comes back to us`));
      }
    }
    throw failure ??
      new Undeliverable(
        ownOutcome("failed", "5.1.2", `No address is known of a mail server for "${domain}"`),
      );
  }

  async #hosts(domain: string): Promise<readonly string[]> {
    // An address literal: [192.0.2.1], [IPv6:2001:db8::1].
    if (domain.startsWith("[")) return [domain.slice(1, -1).replace(/^ipv6:/i, "")];
    let found;
    try {
      found = await this.#resolver.exchangers(domain);
    } catch (error) {
      throw lookUpFailed(domain, error);
    }
    const chosen = chooseExchangers(domain, found, this.#settings.hostname, this.#random);
    switch (chosen.kind) {
      case "hosts":
        return chosen.hosts;
      case "none":
        throw new Undeliverable(ownOutcome("failed", "5.1.10", `Domain "${domain}" takes no mail (null MX)`));
      case "loop":
        throw new Undeliverable(
          ownOutcome(
            "failed",
            "5.4.6",
            `Mail for "${domain}" would come back to us: we are its MX, and do not take it`,
          ),
        );
    }
  }

  #addresses(host: string): Promise<readonly string[]> {
    return this.#resolver.addresses(host);
  }
}

function nameOf(endpoint: ClientEndpoint): string {
  switch (endpoint.kind) {
    case "unix":
      return "localhost";
    case "discover":
      return endpoint.service;
    case "tcp":
      return endpoint.hostname;
    case "tls":
      return endpoint.tls.serverName ?? endpoint.hostname;
  }
}

function lookUpFailed(name: string, error: unknown): Undeliverable {
  const reason = error instanceof Error ? error.message : String(error);
  return new Undeliverable(ownOutcome("deferred", "4.4.3", `Cannot look up "${name}": ${reason}`));
}

/** Also a refusal for good is only for now: it says more of us, or of the server, than of the recipients. */
function unreachable(name: string, error: unknown): Undeliverable {
  const reason = error instanceof Error ? error.message : String(error);
  return new Undeliverable(ownOutcome("deferred", "4.4.1", `Cannot use mail server ${name}: ${reason}`));
}
