import { DatagramProtocol, type DatagramTransport } from "../../../services/protocol/datagram_protocol.ts";
import type { InetAddress } from "../../../services/reactor/address.ts";
import type { Reactor } from "../../../services/reactor/reactor.ts";
import type { Link, Sender } from "./link/link.ts";
import { GROUP, PORT } from "./link/message.ts";
import { isOnLink, type LinkAddresses } from "./link_addresses.ts";

/** RFC 6762, section 11. */
const HOPS = 255;
/** What we have sent to all, lately: it comes back to us. */
const OWN_MESSAGES = 32;

/** Hands on what comes. */
class Ear extends DatagramProtocol {
  readonly #hear: (data: Uint8Array, from: InetAddress) => void;

  constructor(hear: (data: Uint8Array, from: InetAddress) => void) {
    super();
    this.#hear = hear;
  }

  override datagramReceived(data: Uint8Array, from: InetAddress): void {
    this.#hear(data, from);
  }
}

/** A link with the socket through which it is spoken to. */
interface Place {
  readonly addresses: LinkAddresses;
  readonly link: Link;
  readonly mouth: DatagramTransport;
  readonly own: string[];
}

/**
 * The sockets of multicast DNS: one that hears what is sent to all on every link, since a socket bound to an
 * address does not, and one for each link that speaks there. Which link something came from is told by its sender's
 * address; what comes from no network of ours is dropped, so that nobody far away can use us to flood others.
 */
export class LinkSockets {
  readonly #reactor: Reactor;
  readonly #places = new Map<string, Place>();
  #ear!: DatagramTransport;

  private constructor(reactor: Reactor) {
    this.#reactor = reactor;
  }

  /** @throws {CannotListenError} when the port cannot be shared */
  static async open(reactor: Reactor): Promise<LinkSockets> {
    const sockets = new LinkSockets(reactor);
    sockets.#ear = await reactor.listenDatagram(
      `udp:0.0.0.0:${PORT}:reuseAddress=true`,
      new Ear((data, from) => sockets.#heard(data, from)),
    );
    return sockets;
  }

  /** The interfaces that are in use, by name. */
  get names(): string[] {
    return [...this.#places.keys()];
  }

  /** What is known of an interface in use. */
  addresses(name: string): LinkAddresses | undefined {
    return this.#places.get(name)?.addresses;
  }

  /** Speak and hear on an interface; `make` is given how to send there. */
  async add(
    addresses: LinkAddresses,
    make: (send: (message: Uint8Array, to: Sender | "all") => void) => Link,
  ): Promise<Link> {
    const { name, address } = addresses;
    const mouth = await this.#reactor.listenDatagram(
      `udp:${address}:${PORT}:reuseAddress=true:loopback=true`,
      new Ear((data, from) => this.#heard(data, from)),
    );
    try {
      await mouth.setMulticastTTL(HOPS);
      await this.#ear.joinGroup(GROUP, address);
    } catch (error) {
      await mouth.stopListening();
      throw error;
    }
    const own: string[] = [];
    const link = make((message, to) => {
      if (to !== "all") return mouth.write(message, to);
      own.push(fingerprint(message));
      if (own.length > OWN_MESSAGES) own.shift();
      mouth.write(message, { hostname: GROUP, port: PORT });
    });
    this.#places.set(name, { addresses, link, mouth, own });
    return link;
  }

  /** Say goodbye on an interface, and leave it. */
  async remove(name: string): Promise<void> {
    const place = this.#places.get(name);
    if (place === undefined) return;
    this.#places.delete(name);
    place.link.close();
    // The interface may be gone, and its membership with it.
    await this.#ear.leaveGroup(GROUP, place.addresses.address).catch(() => {});
    await place.mouth.stopListening();
  }

  #heard(data: Uint8Array, from: InetAddress): void {
    for (const { addresses, link, own } of this.#places.values()) {
      if (!isOnLink(from.hostname, addresses)) continue;
      if (from.hostname === addresses.address && own.includes(fingerprint(data))) return;
      link.receive(data.slice(), from);
      return;
    }
  }
}

/** Tells messages apart; they are short, and few. */
function fingerprint(message: Uint8Array): string {
  return new TextDecoder("latin1").decode(message);
}
