import { Buffer } from "node:buffer";
import http from "../../../../plugins/http/mod.ts";
import { Protocol } from "../../../../services/protocol/protocol.ts";
import type { ConnectionClosed } from "../../../../services/reactor/errors.ts";
import type { LogRecord } from "../../../../services/testing/recording_logger.ts";
import type { PluginSurroundings } from "../../../../services/testing/plugin_harness.ts";
import { startPlugin, type TestClient } from "../../../../services/testing/mod.ts";
import { type Options, requestText, type Running } from "../_scene.ts";

/** One connection to an upstream that a test plays. */
export class UpstreamEnd extends Protocol {
  readonly #upstream: FakeUpstream;
  /** What has come, one character an octet. */
  text = "";
  lost: ConnectionClosed | null = null;

  constructor(upstream: FakeUpstream) {
    super();
    this.#upstream = upstream;
  }

  override dataReceived(data: Uint8Array): void {
    this.text += Buffer.from(data).toString("latin1");
    const answer = this.#upstream.answer(this);
    if (answer === null) return;
    if (answer === "drop") this.transport.abortConnection();
    else this.say(answer);
  }

  override connectionLost(reason: ConnectionClosed): void {
    this.lost = reason;
  }

  say(text: string): void {
    this.transport.write(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  }
}

/** An upstream in memory. */
export class FakeUpstream {
  readonly connections: UpstreamEnd[] = [];
  /** The heads of the requests that were answered. */
  readonly requests: string[] = [];
  /** What to answer to a whole request, drop to close, null to be silent. */
  respond: (request: string) => string | "drop" | null = () => ok("hello");

  answer(end: UpstreamEnd): string | null {
    const stop = end.text.indexOf("\r\n\r\n");
    if (stop < 0) return null;
    const head = end.text.slice(0, stop + 4);
    const length = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
    if (end.text.length < head.length + length) return null;
    const request = end.text.slice(0, head.length + length);
    end.text = end.text.slice(request.length);
    this.requests.push(request);
    return this.respond(request);
  }
}

export function ok(body: string, fields = ""): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`;
}

/** Start the plugin, with fake upstreams on the ports from 3001. */
export async function startProxy(
  options: Options,
  upstreams: number,
  surroundings: PluginSurroundings = {},
): Promise<{ app: Running; fakes: FakeUpstream[] }> {
  const app = await startPlugin(http, options, surroundings);
  const fakes: FakeUpstream[] = [];
  for (let port = 3001; port < 3001 + upstreams; port++) {
    const fake = new FakeUpstream();
    fakes.push(fake);
    await app.reactor.listen(`tcp:127.0.0.1:${port}`, () => {
      const end = new UpstreamEnd(fake);
      fake.connections.push(end);
      return end;
    });
  }
  return { app, fakes };
}

/** The endpoint of a fake upstream, as an option. */
export function at(port: number): string {
  return `tcp:127.0.0.1:${port}`;
}

/** Sends a request on a connection of its own, which stays open. */
export async function begin(
  app: Running,
  target: string,
  asked: Parameters<typeof requestText>[1] = {},
): Promise<TestClient> {
  const client = await app.connect();
  await client.send(requestText(target, asked));
  return client;
}

/** What an operator sees in the log. */
export function records(app: Running): readonly LogRecord[] {
  return app.log.records.filter(({ level }) => level !== "debug");
}

/** The same, without the fields. */
export function logged(app: Running): string[] {
  return records(app).map(({ level, message }) => `${level} ${message}`);
}
