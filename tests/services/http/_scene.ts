import { Buffer } from "node:buffer";
import type { Handler } from "../../../services/http/handler.ts";
import type { HttpOptions } from "../../../services/http/options.ts";
import { type HttpServer, serveHttp } from "../../../services/http/serve_http.ts";
import { Protocol } from "../../../services/protocol/protocol.ts";
import { formatAddress } from "../../../services/reactor/address.ts";
import type { ConnectionClosed } from "../../../services/reactor/errors.ts";
import { MemoryReactor } from "../../../services/reactor/memory/memory_reactor.ts";
import { type RecordingLogger, recordingLogger } from "../../../services/testing/recording_logger.ts";

const encoder = new TextEncoder();

/** Octets as text, one character each; `TextDecoder`'s "latin1" is windows-1252. */
function textOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString("latin1");
}

/** Text as octets, one a character: what tests write as `"\xff"` is sent as that. */
export function octetsOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** A client that keeps what it is sent. */
export class Client extends Protocol {
  readonly #chunks: Uint8Array[] = [];
  lost: ConnectionClosed | null = null;

  override dataReceived(data: Uint8Array): void {
    this.#chunks.push(data);
  }

  /** All that has come, one character an octet. */
  get text(): string {
    return this.#chunks.map((chunk) => textOf(chunk)).join("");
  }

  get bytes(): Uint8Array {
    const all = new Uint8Array(this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  /** The status codes of the replies, in order; interim ones too. */
  get statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
  }

  /** The body of the last reply. */
  get body(): string {
    return this.text.slice(this.text.lastIndexOf("\r\n\r\n") + 4);
  }

  clear(): void {
    this.#chunks.length = 0;
  }

  send(text: string): void {
    this.transport.write(octetsOf(text));
  }

  override connectionLost(reason: ConnectionClosed): void {
    this.lost = reason;
  }
}

/** A server in memory. */
export interface Scene {
  readonly reactor: MemoryReactor;
  readonly server: HttpServer;
  readonly log: RecordingLogger;
  connect(): Promise<Client>;
  /** Send each of `pieces`, each after what the one before has brought about; returns the client. */
  send(...pieces: string[]): Promise<Client>;
}

/** Serve `handler` on a MemoryReactor, at 1 January 2026. */
export async function scene(handler: Handler, options: HttpOptions = {}): Promise<Scene> {
  const reactor = new MemoryReactor();
  const log = recordingLogger();
  const server = await serveHttp(reactor, "tcp:80", handler, {
    log,
    wallClock: () => Date.UTC(2026, 0, 1) + reactor.now(),
    ...options,
  });
  const connect = () => reactor.connect(formatAddress(server.address), () => new Client());
  return {
    reactor,
    server,
    log,
    connect,
    async send(...pieces: string[]): Promise<Client> {
      const client = await connect();
      // A reactor lets newcomers in before it reads on.
      await reactor.settle();
      for (const piece of pieces) {
        client.send(piece);
        await reactor.settle();
      }
      return client;
    },
  };
}

/** `text` whole, cut once at every place, and octet by octet. */
export function* allCuts(text: string): Generator<string[]> {
  yield [text];
  for (let at = 1; at < text.length; at++) yield [text.slice(0, at), text.slice(at)];
  yield [...text];
}

/** The UTF-8 of `text`, one character an octet. */
export function utf8(text: string): string {
  return textOf(encoder.encode(text));
}
