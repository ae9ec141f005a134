import process from "node:process";
import type { Address } from "../../../../services/reactor/address.ts";
import { fromWire, type ToChild, type ToRunner } from "../protocol.ts";
import type { ReceivedSocket, SocketSource } from "./child_network.ts";
import type { StreamHandle } from "./native_conns.ts";

interface Request {
  readonly waiting: PromiseWithResolvers<ReceivedSocket>;
  handle?: StreamHandle;
  host?: Address;
}

/** Asks the runner for sockets, and puts together what comes on two ways: the socket, and what is said of it. */
export class ReceivedSockets implements SocketSource {
  readonly #send: (message: ToRunner) => void;
  readonly #requests = new Map<number, Request>();
  #lastId = 0;

  constructor(send: (message: ToRunner) => void) {
    this.#send = send;
    process.on("message", (message: { readonly socket?: number }, handle: unknown) => {
      const request = this.#requests.get(message.socket ?? 0);
      if (request === undefined || handle === undefined) return;
      request.handle = handle as StreamHandle;
      this.#send({ kind: "received", id: message.socket! });
      this.#settle(message.socket!, request);
    });
  }

  receive(endpoint: string, again?: number): Promise<ReceivedSocket> {
    const id = ++this.#lastId;
    const waiting = Promise.withResolvers<ReceivedSocket>();
    this.#requests.set(id, { waiting });
    this.#send({ kind: "listen", id, endpoint, ...(again === undefined ? {} : { again }) });
    return waiting.promise;
  }

  /** What the runner said of a socket. */
  answered(message: Extract<ToChild, { readonly kind: "socket" | "noSocket" }>): void {
    const request = this.#requests.get(message.id);
    if (request === undefined) return;
    if (message.kind === "noSocket") {
      this.#requests.delete(message.id);
      return request.waiting.reject(fromWire(message.error));
    }
    request.host = message.host;
    this.#settle(message.id, request);
  }

  #settle(id: number, { waiting, handle, host }: Request): void {
    if (handle === undefined || host === undefined) return;
    this.#requests.delete(id);
    waiting.resolve({ id, handle, host });
  }
}
