import { closeSocket, connectSocket, Poll, Ready, receiveSome, sendSome, type SocketKind } from "./_libc.ts";

/** A datagram that has not come back after so long is taken for lost, ms. */
const LOST_AFTER = 200;

/** What a crowd of clients sends. */
export interface Messages {
  /** Of each message, bytes. */
  readonly size: number;
  readonly datagram?: boolean;
  /** What is sent; default `x` all over. */
  readonly message?: Uint8Array<ArrayBuffer>;
  /** Of what comes back, bytes; default `size`. */
  readonly reply?: number;
  /** What each connection says first, and waits for an answer. */
  readonly greeting?: Uint8Array<ArrayBuffer>;
}

/** One connection, with one message under way at most. */
interface Client {
  readonly fd: number;
  sent: number;
  received: number;
  /** Echoes yet to be asked for. */
  left: number;
  since: number;
}

/** Clients of an echo server: each sends its next message when the one before has come back whole. */
export class EchoClients {
  /** Messages that have come back. */
  messages = 0;

  readonly #port: number;
  readonly #message: Uint8Array<ArrayBuffer>;
  readonly #reply: number;
  readonly #greeting: Uint8Array<ArrayBuffer> | null;
  readonly #datagram: boolean;
  readonly #input = new Uint8Array(1024 * 1024);
  readonly #poll = new Poll();
  readonly #clients: Client[] = [];
  #lastSweep = 0;

  constructor(port: number, { size, datagram = false, message, reply = size, greeting }: Messages) {
    this.#port = port;
    this.#message = message ?? new Uint8Array(size).fill(0x78);
    this.#reply = reply;
    this.#greeting = greeting ?? null;
    this.#datagram = datagram;
  }

  /** Connect another client; it sends nothing yet. Returns its number. */
  connect(kind: SocketKind = {}): number {
    const fd = connectSocket(this.#port, { datagram: this.#datagram, ...kind });
    if (this.#greeting !== null) this.#greet(fd, this.#greeting);
    const id = this.#clients.push({ fd, sent: this.#message.length, received: 0, left: 0, since: 0 }) - 1;
    this.#poll.add(fd, id);
    return id;
  }

  #greet(fd: number, greeting: Uint8Array<ArrayBuffer>): void {
    sendSome(fd, greeting);
    const patience = performance.now() + 5_000;
    while (receiveSome(fd, this.#input) < 0) {
      if (performance.now() > patience) throw new Error("The server does not answer the greeting");
    }
  }

  /** Let a client send `times` messages, one after the other. */
  send(id: number, times: number = Infinity): void {
    const client = this.#clients[id]!;
    client.left = times;
    this.#next(client);
  }

  /** How many of a client's messages have yet to come back. */
  left(id: number): number {
    return this.#clients[id]!.left;
  }

  close(id: number): void {
    closeSocket(this.#clients[id]!.fd);
  }

  /**
   * Serve the clients for `ms`, or until `done`. Never sleeps: one that did would be woken for each message
   * that the server has answered, and both would spend their time on falling asleep.
   */
  run(ms: number, done: () => boolean = () => false): void {
    const end = performance.now() + ms;
    for (let now = performance.now(); now < end && !done(); now = performance.now()) {
      this.turn();
      if (this.#datagram) this.#sweep(now);
    }
  }

  /** Serve the clients that are ready now. */
  turn(): void {
    this.#poll.wait(0, this.#tell);
  }

  readonly #tell = (id: number, ready: number): void => {
    const client = this.#clients[id]!;
    if ((ready & Ready.error) !== 0) throw new Error("Connection was lost: did the server end?");
    if ((ready & Ready.read) !== 0) this.#receive(client);
    if ((ready & Ready.write) !== 0 && client.sent < this.#message.length) this.#pump(client);
  };

  #receive(client: Client): void {
    // A read that does not fill the buffer has taken all there is.
    const size = receiveSome(client.fd, this.#input);
    if (size === 0) throw new Error("Connection was closed by the server");
    if (size < 0) return;
    client.received += size;
    if (client.received < this.#reply) return;
    this.messages++;
    client.left--;
    this.#next(client);
  }

  #next(client: Client): void {
    client.received = 0;
    if (client.left <= 0) return;
    client.sent = 0;
    this.#pump(client);
  }

  #pump(client: Client): void {
    if (this.#datagram) client.since = performance.now();
    const rest = client.sent === 0 ? this.#message : this.#message.subarray(client.sent);
    const size = sendSome(client.fd, rest);
    if (size > 0) client.sent += size;
  }

  #sweep(now: number): void {
    if (now - this.#lastSweep < LOST_AFTER) return;
    this.#lastSweep = now;
    for (const client of this.#clients) {
      if (client.left > 0 && now - client.since > LOST_AFTER) this.#next(client);
    }
  }
}
