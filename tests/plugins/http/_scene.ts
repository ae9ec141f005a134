import http from "../../../plugins/http/mod.ts";
import type { options } from "../../../plugins/http/options.ts";
import type { InferInput } from "../../../services/plugin/standard_schema.ts";
import { startPlugin } from "../../../services/testing/mod.ts";
import type { RunningPlugin } from "../../../services/testing/plugin_harness.ts";
import type { TestClient } from "../../../services/testing/test_client.ts";

/** The options as an application file has them. */
export type Options = InferInput<typeof options>;
/** The plugin at work in memory. */
export type Running = RunningPlugin<typeof options>;

/** A reply as a client got it. */
export interface Got {
  readonly status: number;
  /** By lower-case name; lines of the same name joined by newlines. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is asked for, besides the path. */
export interface Asked {
  readonly method?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Start the plugin on a MemoryReactor. */
export function startHttp(options: Options): Promise<Running> {
  return startPlugin(http, options);
}

/** A request as it is sent. */
export function requestText(target: string, asked: Asked = {}): string {
  const { method = "GET", host = "localhost", headers = {}, body } = asked;
  const lines = [`${method} ${target} HTTP/1.1`, `host: ${host}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== undefined) lines.push(`content-length: ${new TextEncoder().encode(body).length}`);
  return `${lines.join("\r\n")}\r\n\r\n${body ?? ""}`;
}

/** Ask for `target` on a connection of its own; waits until the server has closed it. */
export async function ask(app: Running, target: string, asked: Asked = {}): Promise<Got> {
  const client = await app.connect();
  await client.send(
    requestText(target, { ...asked, headers: { connection: "close", ...asked.headers } }),
  );
  await client.whenClosed;
  return readReply(client);
}

/** The one reply that `client` has got. */
export function readReply(client: TestClient): Got {
  const text = Array.from(client.receivedBytes(), (byte) => String.fromCharCode(byte)).join("");
  const end = text.indexOf("\r\n\r\n");
  const [statusLine, ...lines] = text.slice(0, end).split("\r\n");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}\n${value}`;
  }
  const rest = text.slice(end + 4);
  const body = headers["transfer-encoding"] === "chunked" ? joinChunks(rest) : rest;
  return { status: Number(statusLine!.split(" ")[1]), headers, body };
}

function joinChunks(text: string): string {
  let body = "";
  for (let at = 0;;) {
    const end = text.indexOf("\r\n", at);
    const size = parseInt(text.slice(at, end), 16);
    if (!(size > 0)) return body;
    body += text.slice(end + 2, end + 2 + size);
    at = end + 2 + size + 2;
  }
}
