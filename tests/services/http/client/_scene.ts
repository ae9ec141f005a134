import type { ClientEndpoint } from "../../../../services/endpoint/endpoint.ts";
import { Buffer } from "node:buffer";
import type { ClientRequest } from "../../../../services/http/client/client_request.ts";
import type { ClientResponse } from "../../../../services/http/client/client_response.ts";
import { HttpClient } from "../../../../services/http/client/http_client.ts";
import type { ClientLimits } from "../../../../services/http/client/options.ts";
import { requestHead } from "../../../../services/http/client/request_head.ts";
import { Protocol } from "../../../../services/protocol/protocol.ts";
import type { ConnectionClosed } from "../../../../services/reactor/errors.ts";
import { MemoryReactor } from "../../../../services/reactor/memory/memory_reactor.ts";
import { octetsOf } from "../_scene.ts";

/** The server's end of a connection, which a test plays. */
export class ServerEnd extends Protocol {
  text = "";
  lost: ConnectionClosed | null = null;

  override dataReceived(data: Uint8Array): void {
    this.text += Buffer.from(data).toString("latin1");
  }

  override connectionLost(reason: ConnectionClosed): void {
    this.lost = reason;
  }

  say(text: string): void {
    this.transport.write(octetsOf(text));
  }
}

/** A client in memory, and the ends of its connections. */
export interface ClientScene {
  readonly reactor: MemoryReactor;
  readonly client: HttpClient;
  /** In the order in which they were opened. */
  readonly servers: readonly ServerEnd[];
}

export async function clientScene(limits: Partial<ClientLimits> = {}): Promise<ClientScene> {
  const reactor = new MemoryReactor();
  const servers: ServerEnd[] = [];
  await reactor.listen("tcp:80", () => {
    const end = new ServerEnd();
    servers.push(end);
    return end;
  });
  const endpoint: ClientEndpoint = { kind: "tcp", hostname: "127.0.0.1", port: 80 };
  return { reactor, servers, client: new HttpClient(reactor, endpoint, limits) };
}

/** A request without a body. */
export function request(method = "GET", more: Partial<ClientRequest> = {}): ClientRequest {
  const head = requestHead(method, "/", { host: "example.org" });
  return { method, head, body: null, chunked: false, mayUpgrade: false, ...more };
}

/** All of a response's body, one character an octet. */
export async function bodyOf(response: ClientResponse): Promise<string> {
  let text = "";
  for await (const chunk of response.body) text += Buffer.from(chunk).toString("latin1");
  return text;
}

/** How a promise has settled so far: its value, or what it rejected with. */
export interface Outcome<T> {
  value: T | null;
  error: unknown;
}

export function watch<T>(promise: Promise<T>): Outcome<T> {
  const outcome: Outcome<T> = { value: null, error: null };
  promise.then((value) => outcome.value = value, (error) => outcome.error = error);
  return outcome;
}
