import smtp from "../../../plugins/smtp/mod.ts";
import { memoryMail } from "../../../services/mail/memory_mail.ts";
import type { InferInput } from "../../../services/plugin/standard_schema.ts";
import { type RunningPlugin, startPlugin, type TestClient } from "../../../services/testing/mod.ts";
import { assertEquals } from "../../assert.ts";

/** Options of the plugin, as an application file would have them. */
export type Options = InferInput<typeof smtp.options>;

/** A running plugin. */
export type RunningSmtp = RunningPlugin<typeof smtp.options>;

/** What most tests start: a server of its own domain that keeps mail in memory. */
const usual: Options = {
  hostname: "mx.test",
  domains: ["here.test"],
  users: [{ name: "alice", password: "secret" }, { name: "bob", password: "hunter2" }],
  deliver: { memory: 100_000 },
  limits: { connectionsPerClient: 100_000, connections: 100_000 },
};

/** Start the plugin; what `options` does not say is as usual. */
export function startSmtp(options: Options = {}): Promise<RunningSmtp> {
  return startPlugin(smtp, { ...usual, ...options, limits: { ...usual.limits, ...options.limits } });
}

/** The last lines of the replies since the last look, without what follows the enhanced code: `250 2.1.0`. */
export function repliesTo(client: TestClient): string[] {
  return codes(client.received());
}

/** See {@linkcode repliesTo}. */
export function codes(text: string): string[] {
  return [...text.matchAll(/^([0-9]{3})( [245]\.[0-9]+\.[0-9]+)?( .*)?\r$/gm)].map(([, code, enhanced]) =>
    `${code}${enhanced ?? ""}`
  );
}

/** The messages that are stored, without the trace fields. */
export function stored(app: RunningSmtp): string[] {
  return app.get(memoryMail).messages.map(({ bytes }) => withoutTrace(latin1(bytes)));
}

/** A stored message as it was sent. */
export function withoutTrace(text: string): string {
  return text.replace(/^Return-Path: .*\r\nReceived: .*(\r\n\t.*)*\r\n/, "");
}

/** Text whose characters are bytes. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Bytes as text of as many characters. */
export function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

/** What a server has made of some input. */
export interface Outcome {
  /** Codes of the replies, the greeting's first; with the enhanced codes. */
  readonly replies: string[];
  /** The messages that were stored. */
  readonly stored: string[];
  /** Whether the server has closed the connection. */
  readonly closed: boolean;
}

/** Send `input` to a server of its own in pieces of these lengths; the last one takes the rest. */
export async function outcomeOf(options: Options, input: string, ...lengths: number[]): Promise<Outcome> {
  await using app = await startSmtp(options);
  const client = await app.connect();
  let rest = input;
  for (const length of lengths) {
    await client.send(bytesOf(rest.slice(0, length)));
    rest = rest.slice(length);
  }
  if (rest !== "") await client.send(bytesOf(rest));
  return { replies: repliesTo(client), stored: stored(app), closed: client.closed };
}

/**
 * Send `input` whole, octet by octet, and split in two at every place, and see that all is the same.
 * @returns what came of it
 */
export async function checkedOutcome(options: Options, input: string): Promise<Outcome> {
  const whole = await outcomeOf(options, input);
  assertEquals(await outcomeOf(options, input, ...Array(input.length - 1).fill(1)), whole, "octet by octet");
  await using app = await startSmtp(options);
  const bytes = bytesOf(input);
  const clients: TestClient[] = [];
  for (let at = 1; at < bytes.length; at++) clients.push(await app.connect());
  for (const [at, client] of clients.entries()) client.transport.write(bytes.slice(0, at + 1));
  await app.reactor.settle();
  for (const [at, client] of clients.entries()) client.transport.write(bytes.slice(at + 1));
  await app.reactor.settle();
  for (const [at, client] of clients.entries()) {
    const { replies, closed } = { replies: repliesTo(client), closed: client.closed };
    assertEquals({ replies, closed }, { replies: whole.replies, closed: whole.closed }, `split at ${at + 1}`);
  }
  const expected = Array(clients.length).fill(whole.stored).flat();
  assertEquals(stored(app).sort(), expected.sort(), "split in two");
  return whole;
}
