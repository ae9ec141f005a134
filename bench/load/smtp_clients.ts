import { closeSocket, connectSocket, Poll, Ready, receiveSome, sendSome } from "./_libc.ts";

/** What a crowd of SMTP clients does. */
export interface SmtpLoad {
  /** Of a message, bytes. */
  readonly size: number;
  /** Whether a connection is kept for the next message, or each message has its own. */
  readonly kept: boolean;
}

/** What is sent at once, and how many replies come before the next is. */
interface Step {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly replies: number;
}

interface Client {
  readonly id: number;
  fd: number;
  /** Which step is under way. */
  step: number;
  sent: number;
  /** Replies of this step that are yet to come. */
  left: number;
  /** Octets of the current line, up to the one behind its code. */
  column: number;
}

const encoder = new TextEncoder();
const envelope = "MAIL FROM:<load@client.test>\r\nRCPT TO:<sink@here.test>\r\nDATA\r\n";
const SPACE = 0x20;
const LF = 0x0a;
const FOUR = 0x34;

/**
 * SMTP clients that send messages as fast as they are taken, pipelined as far as RFC 2920 lets them: the envelope
 * in one piece with DATA, the next envelope in one piece with the end of the message before.
 */
export class SmtpClients {
  /** Messages that were taken. */
  messages = 0;

  readonly #port: number;
  readonly #script: readonly Step[];
  readonly #again: number;
  readonly #input = new Uint8Array(256 * 1024);
  readonly #poll = new Poll();
  readonly #clients: Client[] = [];
  /** Those whose connection is to be made anew. */
  readonly #ended: Client[] = [];

  constructor(port: number, { size, kept }: SmtpLoad) {
    this.#port = port;
    const message = `Subject: load\r\n\r\n${`${"x".repeat(70)}\r\n`.repeat(Math.ceil(size / 72))}`;
    const hello: Step[] = [step("", 1), step("EHLO client.test\r\n", 1), step(envelope, 3)];
    const next = kept ? envelope : "QUIT\r\n";
    this.#script = [...hello, step(`${message.slice(0, size - 2)}\r\n.\r\n${next}`, kept ? 4 : 2)];
    this.#again = kept ? hello.length : -1;
  }

  /** Connect another client. */
  connect(): void {
    const client: Client = { id: this.#clients.length, fd: -1, step: 0, sent: 0, left: 0, column: 0 };
    this.#clients.push(client);
    this.#open(client);
  }

  /** Serve the clients for `ms`, without ever sleeping. */
  run(ms: number): void {
    const end = performance.now() + ms;
    while (performance.now() < end) {
      this.#poll.wait(0, this.#tell);
      for (const client of this.#ended.splice(0)) {
        closeSocket(client.fd);
        this.#open(client);
      }
    }
  }

  #open(client: Client): void {
    client.fd = connectSocket(this.#port);
    client.column = 0;
    this.#poll.add(client.fd, client.id);
    this.#begin(client, 0);
  }

  readonly #tell = (id: number, ready: number): void => {
    const client = this.#clients[id]!;
    if ((ready & Ready.error) !== 0) throw new Error("Connection was lost: did the server end?");
    if ((ready & Ready.read) !== 0) this.#receive(client);
    if ((ready & Ready.write) !== 0 && client.sent < this.#script[client.step]!.bytes.length) {
      this.#pump(client);
    }
  };

  #receive(client: Client): void {
    const size = receiveSome(client.fd, this.#input);
    if (size === 0) throw new Error("Connection was closed by the server");
    for (let at = 0; at < size; at++) {
      const octet = this.#input[at]!;
      if (client.column === 0 && octet >= FOUR) throw new Error(`Refused: ${this.#line(at, size)}`);
      if (client.column === 3 && octet === SPACE) client.left--;
      client.column = octet === LF ? 0 : client.column + 1;
    }
    if (client.left > 0 || client.column > 0) return;
    const last = client.step === this.#script.length - 1;
    if (last) this.messages++;
    if (!last) this.#begin(client, client.step + 1);
    else if (this.#again >= 0) this.#begin(client, this.#again);
    else this.#ended.push(client);
  }

  #line(from: number, size: number): string {
    return new TextDecoder().decode(this.#input.subarray(from, size)).split("\r\n", 1)[0]!;
  }

  #begin(client: Client, step: number): void {
    client.step = step;
    client.sent = 0;
    client.left = this.#script[step]!.replies;
    this.#pump(client);
  }

  #pump(client: Client): void {
    const { bytes } = this.#script[client.step]!;
    if (bytes.length === 0) return;
    const size = sendSome(client.fd, client.sent === 0 ? bytes : bytes.subarray(client.sent));
    if (size > 0) client.sent += size;
  }
}

function step(text: string, replies: number): Step {
  return { bytes: encoder.encode(text), replies };
}
