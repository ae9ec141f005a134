import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { UdpEndpoint } from "../../endpoint/endpoint.ts";
import type { InetAddress } from "../address.ts";
import { ConnectionLost } from "../errors.ts";
import type { RawDatagram } from "../raw.ts";

/** Datagrams kept while nobody receives; more are dropped, as the kernel does when its buffer is full. */
const MAX_WAITING = 256;

type Datagram = readonly [data: Uint8Array, from: InetAddress];

interface Receiver {
  readonly buffer: Uint8Array;
  readonly resolve: (received: readonly [number, InetAddress]) => void;
  readonly reject: (reason: unknown) => void;
}

/** Open a UDP port with `node:dgram`, which needs no flag. */
export async function bindNodeDatagram(endpoint: UdpEndpoint): Promise<RawDatagram> {
  const type = endpoint.interface.includes(":") ? "udp6" : "udp4";
  const socket = createSocket({ type, reuseAddr: endpoint.reuseAddress });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.bind({ address: endpoint.interface, port: endpoint.port }, () => {
        socket.off("error", reject);
        resolve();
      });
    });
    socket.setMulticastLoopback(endpoint.loopback);
  } catch (error) {
    socket.close();
    throw error;
  }
  return new NodeRawDatagram(socket);
}

class NodeRawDatagram implements RawDatagram {
  readonly host: InetAddress;
  #socket: Socket;
  #waiting: Datagram[] = [];
  #receiver: Receiver | null = null;
  #closed = false;

  constructor(socket: Socket) {
    const { address, port } = socket.address();
    this.host = { transport: "udp", hostname: address, port };
    this.#socket = socket;
    socket.on("message", (data, from) => this.#received(data, from));
    socket.on("error", () => {}); // Of one datagram; `send` rejects with it.
  }

  receive(buffer: Uint8Array): Promise<readonly [size: number, from: InetAddress]> {
    const datagram = this.#waiting.shift();
    if (datagram !== undefined) return Promise.resolve(fill(buffer, datagram));
    if (this.#closed) return Promise.reject(new ConnectionLost("Datagram port is closed"));
    return new Promise((resolve, reject) => {
      this.#receiver = { buffer, resolve, reject };
    });
  }

  send(data: Uint8Array, to: { readonly hostname: string; readonly port: number }): Promise<void> {
    if (this.#closed) return Promise.reject(new ConnectionLost("Datagram port is closed"));
    return new Promise((resolve, reject) => {
      this.#socket.send(data, to.port, to.hostname, (error) => error ? reject(error) : resolve());
    });
  }

  // deno-lint-ignore require-await -- a throw of the system becomes a rejection
  async joinGroup(group: string, interfaceAddress?: string): Promise<void> {
    this.#socket.addMembership(group, interfaceAddress);
  }

  // deno-lint-ignore require-await
  async leaveGroup(group: string, interfaceAddress?: string): Promise<void> {
    this.#socket.dropMembership(group, interfaceAddress);
  }

  // deno-lint-ignore require-await
  async setMulticastTTL(hops: number): Promise<void> {
    this.#socket.setMulticastTTL(hops);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting = [];
    this.#receiver?.reject(new ConnectionLost("Datagram port is closed"));
    this.#receiver = null;
    this.#socket.close();
  }

  #received(data: Uint8Array, { address, port }: RemoteInfo): void {
    const datagram: Datagram = [data, { transport: "udp", hostname: address, port }];
    const receiver = this.#receiver;
    if (receiver !== null) {
      this.#receiver = null;
      receiver.resolve(fill(receiver.buffer, datagram));
    } else if (this.#waiting.length < MAX_WAITING) {
      this.#waiting.push(datagram);
    }
  }
}

function fill(buffer: Uint8Array, [data, from]: Datagram): readonly [number, InetAddress] {
  const size = Math.min(data.length, buffer.length);
  buffer.set(data.subarray(0, size));
  return [size, from];
}
