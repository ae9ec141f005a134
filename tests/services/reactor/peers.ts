import { Protocol } from "../../../services/protocol/protocol.ts";
import type { BaseReactor } from "../../../services/reactor/base_reactor.ts";
import type { ConnectionClosed } from "../../../services/reactor/errors.ts";
import type { Port, Reactor } from "../../../services/reactor/reactor.ts";
import { AssertionError } from "../../assert.ts";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export function bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/** What a `Peer` does beside recording. */
export interface Manners {
  readonly made?: (peer: Peer) => void;
  readonly data?: (peer: Peer, chunk: Uint8Array) => void;
  /** Default: flush and close, as every protocol does. */
  readonly end?: (peer: Peer) => void;
  readonly lost?: (peer: Peer, reason: ConnectionClosed) => void;
  /** Default: nothing. */
  readonly drain?: (peer: Peer) => void;
  readonly borrows?: boolean;
}

/** A protocol that records what it hears, and can be waited for. */
export class Peer extends Protocol {
  readonly events: string[] = [];
  override readonly borrowsData: boolean;
  /** What was received, joined. */
  text = "";
  bytes = 0;
  reason: ConnectionClosed | null = null;
  readonly #manners: Manners;
  #waiters: { readonly test: (peer: Peer) => boolean; readonly resolve: () => void }[] = [];

  constructor(manners: Manners = {}) {
    super();
    this.#manners = manners;
    this.borrowsData = manners.borrows ?? false;
  }

  /** Resolves once `test` holds after a callback. */
  until(test: (peer: Peer) => boolean): Promise<void> {
    if (test(this)) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.push({ test, resolve });
    return promise;
  }

  get lost(): Promise<void> {
    return this.until((peer) => peer.reason !== null);
  }

  override connectionMade(): void {
    this.events.push("made");
    this.#run(() => this.#manners.made?.(this));
  }

  override dataReceived(data: Uint8Array): void {
    this.bytes += data.length;
    if (this.text.length < 10_000) this.text += decoder.decode(data.slice());
    if (this.events.at(-1) !== "data") this.events.push("data");
    this.#run(() => this.#manners.data?.(this, data));
  }

  override readConnectionLost(): void {
    this.events.push("end");
    this.#run(() => this.#manners.end === undefined ? super.readConnectionLost() : this.#manners.end(this));
  }

  override drainRequested(): void {
    this.events.push("drain");
    this.#run(() => this.#manners.drain?.(this));
  }

  override connectionLost(reason: ConnectionClosed): void {
    this.events.push("lost");
    this.reason = reason;
    this.#run(() => this.#manners.lost?.(this, reason));
  }

  #run(react: () => void): void {
    try {
      react();
    } finally {
      const waiters = this.#waiters;
      this.#waiters = waiters.filter(({ test }) => !test(this));
      for (const { test, resolve } of waiters) if (test(this)) resolve();
    }
  }
}

/** Where `port` listens, as a client names it. */
export function addressOf(port: Port): string {
  if (!("port" in port.host)) throw new TypeError("Port has no port");
  return `tcp:127.0.0.1:${port.host.port}`;
}

/** A connection through `reactor`, both ends of it. */
export async function connected(
  reactor: Reactor,
  server: Manners | (() => Protocol) = {},
  client: Manners = {},
): Promise<{ server: Peer; client: Peer; port: Port }> {
  const made = Promise.withResolvers<Peer>();
  const port = await reactor.listen("tcp:127.0.0.1:0", () => {
    const protocol = typeof server === "function" ? server() : new Peer(server);
    made.resolve(protocol as Peer);
    return protocol;
  });
  const protocol = await reactor.connect(addressOf(port), () => new Peer(client));
  return { server: await made.promise, client: protocol, port };
}

/** Bytes that tell where in the stream they stand. */
export function pattern(size: number, from = 0): Uint8Array {
  const data = new Uint8Array(size);
  for (let i = 0; i < size; i++) data[i] = ((from + i) * 31 + ((from + i) >> 8)) & 0xff;
  return data;
}

/** As `assertEquals`, for arrays that are too long to be compared line by line. */
export async function assertBytes(actual: Uint8Array[], expected: Uint8Array): Promise<void> {
  const joined = await new Blob(actual as BlobPart[]).bytes();
  const length = Math.max(joined.length, expected.length);
  for (let i = 0; i < length; i++) {
    if (joined[i] === expected[i]) continue;
    throw new AssertionError(
      `Byte ${i} is ${joined[i]} instead of ${expected[i]}; ${joined.length} came of ${expected.length}`,
    );
  }
}

/** Turns of the event loop: no time passes, but sockets that are ready are served. */
export async function turns(reactor: BaseReactor, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => reactor.network.afterTurn(resolve));
}
