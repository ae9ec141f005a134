import dashboard from "../../../plugins/dashboard/mod.ts";
import type { options } from "../../../plugins/dashboard/options.ts";
import {
  type ApplicationControl,
  applicationControl,
  type ReloadOutcome,
  type ReloadPreview,
} from "../../../services/control/application_control.ts";
import type { LogEntry, LogQuery } from "../../../services/control/log_entry.ts";
import type { FamilySnapshot } from "../../../services/metrics/snapshot.ts";
import type { InferInput } from "../../../services/plugin/standard_schema.ts";
import type { SupervisorEvent } from "../../../services/supervision/events.ts";
import type { UnitOutcome, UnitStatus } from "../../../services/supervision/status.ts";
import { provision, startPlugin } from "../../../services/testing/mod.ts";
import type { RunningPlugin } from "../../../services/testing/plugin_harness.ts";
import type { TestClient } from "../../../services/testing/test_client.ts";
import { type Asked, type Got, readReply, requestText } from "../http/_scene.ts";

/** The plugin at work in memory. */
export type Running = RunningPlugin<typeof options>;

/** A service that does well; `changes` say what is otherwise. */
export function service(path: string, changes: Partial<UnitStatus> = {}): UnitStatus {
  return { path, kind: "service", state: "ready", since: 0, restarts: 0, connections: 0, ...changes };
}

/** An application that does what the test says, and notes what is asked of it. */
export class FakeControl implements ApplicationControl {
  readonly name = "demo";
  units: UnitStatus[] = [service("web"), service("store")];
  families: FamilySnapshot[] = [];
  records: LogEntry[] = [];
  preview: ReloadPreview = { ok: true, plan: { steps: [] } };
  outcome: ReloadOutcome = { ok: true, report: { results: [] } };
  /** What comes of every operation; default that all is well. */
  answer: (action: string, path: string) => Promise<UnitOutcome> = (action, path) =>
    Promise.resolve({ path, state: action === "stop" ? "stopped" : "ready" });
  readonly asked: string[] = [];
  readonly #listeners = new Set<(event: SupervisorEvent) => void>();
  readonly #followers = new Set<(entry: LogEntry) => void>();

  /** Somebody listens. */
  get isHeard(): boolean {
    return this.#followers.size > 0;
  }

  status(): readonly UnitStatus[] {
    return this.units;
  }

  statusOf(path: string): UnitStatus | undefined {
    return this.units.find((unit) => unit.path === path);
  }

  subscribe(listener: (event: SupervisorEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  beforeDrain(): () => void {
    return () => {};
  }

  metrics(): readonly FamilySnapshot[] {
    return this.families;
  }

  now(): number {
    return 0;
  }

  start(path: string): Promise<UnitOutcome> {
    return this.#operate("start", path);
  }

  stop(path: string): Promise<UnitOutcome> {
    return this.#operate("stop", path);
  }

  restart(path: string): Promise<UnitOutcome> {
    return this.#operate("restart", path);
  }

  planReload(): Promise<ReloadPreview> {
    return Promise.resolve(this.preview);
  }

  reload(): Promise<ReloadOutcome> {
    this.asked.push("reload");
    return Promise.resolve(this.outcome);
  }

  logs({ after = 0, limit = Infinity }: LogQuery = {}): readonly LogEntry[] {
    const wanted = this.records.filter(({ sequence }) => sequence > after);
    return wanted.slice(Math.max(0, wanted.length - limit));
  }

  followLogs(listener: (entry: LogEntry) => void): () => void {
    this.#followers.add(listener);
    return () => void this.#followers.delete(listener);
  }

  /** A unit changes. */
  change(path: string, changes: Partial<UnitStatus>): void {
    const before = this.statusOf(path)!;
    const after = { ...before, ...changes };
    this.units = this.units.map((unit) => unit.path === path ? after : unit);
    const event = {
      kind: "state",
      path,
      unit: "service",
      from: before.state,
      to: after.state,
      at: 0,
    } as const;
    for (const listener of this.#listeners) listener(event);
  }

  /** Units come and go. */
  replaceUnits(units: UnitStatus[]): void {
    this.units = units;
    for (const listener of this.#listeners) listener({ kind: "reloaded", report: { results: [] } });
  }

  /** Something is logged. */
  log(message: string, fields: LogEntry["fields"] = {}): void {
    const sequence = this.records.length + 1;
    const entry: LogEntry = { sequence, time: 0, level: "info", service: "web", message, fields };
    this.records.push(entry);
    for (const follower of this.#followers) follower(entry);
  }

  #operate(action: string, path: string): Promise<UnitOutcome> {
    this.asked.push(`${action} ${path}`);
    return this.answer(action, path);
  }
}

/** Start the plugin on a MemoryReactor, with `control` as its application. */
export function startDashboard(
  control: ApplicationControl,
  given: InferInput<typeof options> = {},
): Promise<Running> {
  return startPlugin(dashboard, given, { provisions: [provision(applicationControl, control)] });
}

/** Ask for `target` on a connection of its own; waits until the server has closed it. */
export async function ask(app: Running, target: string, asked: Asked = {}): Promise<Got> {
  const client = await app.connect();
  const headers = { connection: "close", ...asked.headers };
  await client.send(requestText(target, { ...asked, headers }));
  await app.advance(1_000);
  await client.whenClosed;
  return readReply(client);
}

/** POST as the page does it. */
export function act(app: Running, target: string, body?: string): Promise<Got> {
  const headers = { "x-heddle-action": "1", origin: "http://localhost", "sec-fetch-site": "same-origin" };
  return ask(app, target, { method: "POST", headers, ...(body !== undefined && { body }) });
}

/** What an event stream has told: the name of each event and its data. */
export interface Told {
  readonly name: string;
  // deno-lint-ignore no-explicit-any
  readonly data: any;
}

/** A browser that has opened the page. */
export class Watcher {
  readonly #app: Running;
  readonly #client: TestClient;

  private constructor(app: Running, client: TestClient) {
    this.#app = app;
    this.#client = client;
  }

  static async open(app: Running): Promise<Watcher> {
    const client = await app.connect();
    await client.send(requestText("/api/events"));
    return new Watcher(app, client);
  }

  /** What it was told since the last call, after so many milliseconds. */
  async told(ms = 100): Promise<Told[]> {
    await this.#app.advance(ms);
    return [...this.#client.received().matchAll(/^event: (\w+)\ndata: (.*)$/gm)]
      .map(([, name, data]) => ({ name: name!, data: JSON.parse(data!) }));
  }

  /** It takes no more, for now. */
  pause(): void {
    this.#client.transport.pauseProducing();
  }

  /** It takes what waits. */
  resume(): void {
    this.#client.transport.resumeProducing();
  }

  /** It leaves. */
  async close(): Promise<void> {
    this.#client.transport.loseConnection();
    await this.#app.advance(100);
  }
}
