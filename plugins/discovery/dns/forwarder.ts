import type { Logger } from "../../../services/log.ts";
import { DatagramProtocol, type DatagramTransport } from "../../../services/protocol/datagram_protocol.ts";
import { Int16StringReceiver } from "../../../services/protocol/int_string_receiver.ts";
import type { InetAddress } from "../../../services/reactor/address.ts";
import type { DelayedCall, Reactor } from "../../../services/reactor/reactor.ts";
import type { Carrier } from "./responder.ts";

/** A resolver that is asked. */
export interface Upstream {
  readonly hostname: string;
  readonly port: number;
}

/** What a forwarder works with. */
export interface ForwarderOptions {
  readonly reactor: Reactor;
  readonly upstreams: readonly Upstream[];
  /** A number from 0 to 65,535 that cannot be guessed. */
  readonly randomId: () => number;
  readonly log: Logger;
}

/** Until the next resolver is asked, ms. */
const TIMEOUT = 2_000;
/** Questions on their way at once; more fail at once. */
const MOST = 1_000;
const ID_LENGTH = 2;
const HEADER = 12;

interface Pending {
  readonly message: Uint8Array;
  readonly answered: (reply: Uint8Array | null) => void;
  upstream: number;
  timer: DelayedCall;
}

/**
 * Passes questions about other zones on, by the carrier that they came by. To the resolver each has an id of its
 * own that cannot be guessed, and only a reply from there, with that id and that question, is taken.
 */
export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #pending = new Map<number, Pending>();
  #port!: DatagramTransport;
  #streams = 0;

  private constructor(options: ForwarderOptions) {
    this.#options = options;
  }

  /** Open the port through which resolvers are asked. */
  static async open(options: ForwarderOptions): Promise<Forwarder> {
    const forwarder = new Forwarder(options);
    const { hostname } = options.upstreams[0]!;
    forwarder.#port = await options.reactor.listenDatagram(
      hostname.includes(":") ? "udp:[::]:0" : "udp:0.0.0.0:0",
      new Replies((data, from) => forwarder.#received(data, from)),
    );
    return forwarder;
  }

  /** Ask; `answered` is called once, with null when nobody answered. */
  forward(message: Uint8Array, carrier: Carrier, answered: (reply: Uint8Array | null) => void): void {
    const { size } = this.#pending;
    if (size + this.#streams >= MOST) return answered(null);
    // What was lent must be kept until the answer is there.
    const kept = message.slice();
    if (carrier === "tcp") return void this.#overTcp(kept).then(answered);
    let id = this.#options.randomId();
    while (this.#pending.has(id)) id = (id + 1) & 0xffff;
    const timer = this.#options.reactor.callLater(TIMEOUT, () => this.#next(id));
    const pending: Pending = { message: kept, answered, upstream: 0, timer };
    this.#pending.set(id, pending);
    this.#send(id, pending);
  }

  #send(id: number, { message, upstream }: Pending): void {
    this.#port.write(withId(message, id), this.#options.upstreams[upstream]!);
  }

  #next(id: number): void {
    const pending = this.#pending.get(id)!;
    pending.upstream++;
    if (pending.upstream < this.#options.upstreams.length) {
      pending.timer = this.#options.reactor.callLater(TIMEOUT, () => this.#next(id));
      return this.#send(id, pending);
    }
    this.#pending.delete(id);
    this.#options.log.debug("No resolver has answered a question that was passed on");
    pending.answered(null);
  }

  #received(reply: Uint8Array, from: InetAddress): void {
    if (reply.length < HEADER) return;
    const id = (reply[0]! << 8) | reply[1]!;
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    const { hostname, port } = this.#options.upstreams[pending.upstream]!;
    if (from.hostname !== hostname || from.port !== port || !answers(reply, pending.message)) return;
    this.#pending.delete(id);
    pending.timer.cancel();
    pending.answered(withId(reply, (pending.message[0]! << 8) | pending.message[1]!));
  }

  async #overTcp(message: Uint8Array): Promise<Uint8Array | null> {
    this.#streams++;
    try {
      for (const { hostname, port } of this.#options.upstreams) {
        const host = hostname.includes(":") ? `[${hostname}]` : hostname;
        try {
          const { reactor } = this.#options;
          const stream = await reactor.connect(`tcp:${host}:${port}`, () => new OneReply(message), {
            timeout: TIMEOUT,
          });
          const timer = reactor.callLater(TIMEOUT, () => stream.transport.abortConnection());
          const reply = await stream.reply;
          timer.cancel();
          stream.transport.loseConnection();
          if (reply !== null && answers(reply, message)) return reply;
        } catch (error) {
          this.#options.log.debug("A resolver cannot be asked", { resolver: `${host}:${port}`, error });
        }
      }
      return null;
    } finally {
      this.#streams--;
    }
  }
}

/** Hands on what comes. */
class Replies extends DatagramProtocol {
  readonly #received: (data: Uint8Array, from: InetAddress) => void;

  constructor(received: (data: Uint8Array, from: InetAddress) => void) {
    super();
    this.#received = received;
  }

  override datagramReceived(data: Uint8Array, from: InetAddress): void {
    this.#received(data, from);
  }
}

/** Asks once, and waits for the reply. */
class OneReply extends Int16StringReceiver {
  readonly #reply = Promise.withResolvers<Uint8Array | null>();
  readonly #message: Uint8Array;

  constructor(message: Uint8Array) {
    super();
    this.#message = message;
  }

  /** Null when the connection ended without one. */
  get reply(): Promise<Uint8Array | null> {
    return this.#reply.promise;
  }

  override connectionMade(): void {
    this.sendString(this.#message);
  }

  override stringReceived(reply: Uint8Array): void {
    this.#reply.resolve(reply.slice());
  }

  override connectionLost(): void {
    this.#reply.resolve(null);
  }
}

/** It is a response, and repeats the question; letters may have changed their case. */
function answers(reply: Uint8Array, message: Uint8Array): boolean {
  if (reply.length < HEADER || (reply[2]! & 0x80) === 0) return false;
  let at = HEADER;
  while (at < message.length && message[at] !== 0) at += message[at]! + 1;
  const end = at + 5;
  if (reply.length < end) return false;
  for (let i = HEADER; i < end; i++) {
    if (lower(reply[i]!) !== lower(message[i]!)) return false;
  }
  return true;
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

function withId(message: Uint8Array, id: number): Uint8Array {
  const copy = new Uint8Array(message.length);
  copy.set(message.subarray(ID_LENGTH), ID_LENGTH);
  copy[0] = id >> 8;
  copy[1] = id & 0xff;
  return copy;
}
