import { createSocket, type Socket } from "node:dgram";
import type { UdpEndpoint } from "../../endpoint/endpoint.ts";
import type { InetAddress } from "../address.ts";
import { ConnectionLost } from "../errors.ts";
import type { RawDatagram } from "../raw.ts";

/** Datagrams that wait for `receive`; more are dropped, as by a full socket buffer. */
const MOST_WAITING = 256;

/** Bind by `node:dgram`, which needs no flag; rejects with the system's error. */
export function bindNodeDatagram(endpoint: UdpEndpoint): Promise<RawDatagram> {
  const { port, interface: address, reuseAddress, loopback } = endpoint;
  const socket = createSocket({ type: address.includes(":") ? "udp6" : "udp4", reuseAddr: reuseAddress });
  return new Promise((resolve, reject) => {
    socket.once("error", (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ port, address }, () => {
      socket.removeAllListeners("error");
      if (reuseAddress || loopback) socket.setMulticastLoopback(loopback);
      resolve(new NodeDatagram(socket));
    });
  });
}

/** A socket of `node:dgram` as a {@linkcode RawDatagram}. */
class NodeDatagram implements RawDatagram {
  readonly host: InetAddress;
  readonly #socket: Socket;
  readonly #waiting: { readonly data: Uint8Array; readonly from: InetAddress }[] = [];
  #receiver: PromiseWithResolvers<void> | null = null;
  #closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    const { address, port } = socket.address();
    this.host = { transport: "udp", hostname: address, port };
    socket.on("message", (data, { address: hostname, port }) => {
      if (this.#waiting.length >= MOST_WAITING) return;
      this.#waiting.push({ data, from: { transport: "udp", hostname, port } });
      this.#receiver?.resolve();
    });
    socket.on("error", (error) => this.#receiver?.reject(error));
  }

  async receive(buffer: Uint8Array): Promise<readonly [number, InetAddress]> {
    while (this.#waiting.length === 0) {
      if (this.#closed) throw new ConnectionLost("Datagram port is closed");
      await (this.#receiver = Promise.withResolvers<void>()).promise;
    }
    const { data, from } = this.#waiting.shift()!;
    const part = data.subarray(0, buffer.length);
    buffer.set(part);
    return [part.length, from];
  }

  send(data: Uint8Array, to: { readonly hostname: string; readonly port: number }): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(data, to.port, to.hostname, (error) => error ? reject(error) : resolve());
    });
  }

  joinGroup(group: string, interfaceAddress?: string): Promise<void> {
    return Promise.try(() => this.#socket.addMembership(group, interfaceAddress));
  }

  leaveGroup(group: string, interfaceAddress?: string): Promise<void> {
    return Promise.try(() => this.#socket.dropMembership(group, interfaceAddress));
  }

  setMulticastTTL(hops: number): Promise<void> {
    return Promise.try(() => void this.#socket.setMulticastTTL(hops));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
    this.#receiver?.resolve();
  }
}
