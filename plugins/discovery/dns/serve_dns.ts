import type { ServiceContext } from "../../../services/context.ts";
import { matchesAny } from "../../../services/endpoint/cidr.ts";
import { type Counter, metrics } from "../../../services/metrics/metrics.ts";
import { idleTimeout } from "../../../services/protocol/policies/idle_timeout.ts";
import type { Address } from "../../../services/reactor/address.ts";
import type { Registry } from "../../../services/registry/registry.ts";
import { DnsDatagrams } from "./dns_datagrams.ts";
import { DnsDesk } from "./dns_desk.ts";
import { DnsStream } from "./dns_stream.ts";
import { Forwarder } from "./forwarder.ts";
import { type DnsOptions, splitAddress } from "./options.ts";
import { Responder } from "./responder.ts";
import { rcodeName } from "./wire/codes.ts";
import { serverAddress, Zone } from "./zone/zone.ts";

/** RFC 7766, 6.2.3: a few seconds. */
const IDLE = 10_000;
const MOST_CONNECTIONS = 1_000;
/** The port that the system chooses for UDP may be somebody's on TCP; then another one is tried. */
const CHOSEN_PORT_TRIES = 20;

/** Answer questions about `registry`'s services, on UDP and TCP, until the service's scope ends. */
export async function serveDns(
  context: ServiceContext,
  registry: Registry,
  { listen, zone, ttl, allow, forward }: DnsOptions,
): Promise<void> {
  const { reactor, log } = context;
  const { hostname, port } = splitAddress(listen);
  const forwarder = forward.length === 0 ? null : await Forwarder.open({
    reactor,
    upstreams: forward.map(splitAddress),
    randomId: () => crypto.getRandomValues(new Uint16Array(1))[0]!,
    log,
  });
  const desk = new DnsDesk({
    responder: new Responder(
      new Zone(registry, { name: zone, ttl: Math.ceil(ttl / 1000), server: serverAddress(hostname) }),
      forwarder !== null,
    ),
    forwarder,
    ...counters(context),
  });
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  const isAllowed = (peer: Address): boolean => peer.transport === "tcp" && matchesAny(peer.hostname, allow);
  const streams = idleTimeout((peer) => isAllowed(peer) ? new DnsStream(desk) : null, IDLE, reactor);
  for (let tries = port === 0 ? CHOSEN_PORT_TRIES : 1;; tries--) {
    const datagrams = await reactor.listenDatagram(`udp:${host}:${port}`, new DnsDatagrams(desk, allow));
    try {
      // The same port, where the system has chosen it.
      const options = { maxConnections: MOST_CONNECTIONS };
      return void await reactor.listen(`tcp:${host}:${datagrams.host.port}`, streams, options);
    } catch (error) {
      if (tries === 1) throw error;
      await datagrams.stopListening();
    }
  }
}

function counters(context: ServiceContext): { countReply(rcode: number): void; forwarded: Counter } {
  const set = context.get(metrics);
  const replies = set.counter("dns_replies_total", { help: "Replies by response code", labels: ["rcode"] });
  const byCode: Counter[] = [];
  return {
    countReply: (rcode) => (byCode[rcode] ??= replies.with(rcodeName(rcode))).inc(),
    forwarded: set.counter("dns_forwarded_total", { help: "Questions passed on to resolvers" }).with(),
  };
}
