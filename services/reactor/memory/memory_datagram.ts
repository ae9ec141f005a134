import type { InetAddress } from "../address.ts";
import type { RawDatagram } from "../raw.ts";

/** Datagrams that wait; more are dropped, as a full socket buffer would. */
const MOST_WAITING = 1_024;

/** How a datagram finds its way. */
export type Route = (data: Uint8Array, from: InetAddress, to: { hostname: string; port: number }) => void;

/** A datagram socket in memory. */
export class MemoryDatagram implements RawDatagram {
  readonly groups = new Set<string>();
  readonly #route: Route;
  readonly #onClosed: () => void;
  readonly #queue: { readonly data: Uint8Array; readonly from: InetAddress }[] = [];
  #wake: PromiseWithResolvers<void> | null = null;
  #closed = false;

  constructor(readonly host: InetAddress, route: Route, onClosed: () => void) {
    this.#route = route;
    this.#onClosed = onClosed;
  }

  /** A datagram has come. */
  arrive(data: Uint8Array, from: InetAddress): void {
    if (this.#queue.length >= MOST_WAITING) return;
    this.#queue.push({ data: data.slice(), from });
    this.#wake?.resolve();
  }

  async receive(buffer: Uint8Array): Promise<readonly [number, InetAddress]> {
    while (this.#queue.length === 0) {
      if (this.#closed) throw new Error("Datagram socket is closed");
      await (this.#wake = Promise.withResolvers<void>()).promise;
    }
    const { data, from } = this.#queue.shift()!;
    const part = data.subarray(0, buffer.length);
    buffer.set(part);
    return [part.length, from];
  }

  send(data: Uint8Array, to: { readonly hostname: string; readonly port: number }): Promise<number> {
    this.#route(data, this.host, to);
    return Promise.resolve(data.length);
  }

  joinGroup(group: string): Promise<void> {
    this.groups.add(group);
    return Promise.resolve();
  }

  leaveGroup(group: string): Promise<void> {
    this.groups.delete(group);
    return Promise.resolve();
  }

  setMulticastTTL(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#wake?.resolve();
    this.#onClosed();
  }
}
