import type { DelayedCall, ReactorTime } from "../../../services/async/time.ts";
import { TimeoutError } from "../../../services/async/errors.ts";
import { parseEndpoint } from "../../../services/endpoint/parse.ts";
import type { ServerEndpoint } from "../../../services/endpoint/endpoint.ts";
import type { LogFields, Logger } from "../../../services/log.ts";
import type { FamilySnapshot } from "../../../services/metrics/snapshot.ts";
import type { ProcessSpec } from "../../../services/process_spec.ts";
import { placeOf } from "../../../services/reactor/place.ts";
import type { Ending, StopOrder, StopReport } from "../host.ts";
import { accountOf } from "./accounts.ts";
import { ChildLink } from "./child_link.ts";
import { childCommand, type Surroundings } from "./command.ts";
import { exitReason } from "./exit_reason.ts";
import { fromWire, type ProcessStats, PROTOCOL_VERSION, type ToRunner, toWire } from "./protocol.ts";
import type { KeepRequest, SocketKeeper } from "./socket_keeper.ts";

/** After the drain's end, until a process is killed that has not ended by itself, ms. */
const KILL_GRACE = 700;
/** Between two beats of the heart, at most, ms. */
const BEAT = 1_000;
/** Lines of standard error that are kept to tell why a process ended. */
const KEPT_ERRORS = 40;

const NO_STATS: ProcessStats = {
  endpoints: [],
  connections: 0,
  bytesRead: 0,
  bytesWritten: 0,
  cpu: 0,
  memory: 0,
};

/** What processes of services are run with. */
export interface ReplicaEnvironment {
  readonly time: ReactorTime;
  readonly log: Logger;
  readonly keeper: SocketKeeper;
  readonly surroundings: Surroundings;
}

/** Which process of which service. */
export interface ReplicaIdentity {
  /** The service's path. */
  readonly path: string;
  /** From 1, where there are several; null: the only one. */
  readonly number: number | null;
  /** Of a singleton: what it runs by; null: it is none. */
  readonly fencingToken: number | null;
}

/** `over`: it has ended by itself, or its start has failed. */
type Phase = "fresh" | "starting" | "ready" | "over" | "stopping";

interface Question {
  readonly resolve: (taken: boolean) => void;
  readonly reject: (reason: unknown) => void;
}

/** One process of a service, from its start to its end. */
export class Replica {
  readonly ended: Promise<Ending>;
  readonly #end = Promise.withResolvers<Ending>();
  readonly #started = Promise.withResolvers<void>();
  readonly #spec: ProcessSpec;
  readonly #identity: ReplicaIdentity;
  readonly #environment: ReplicaEnvironment;
  readonly #questions = new Map<number, Question>();
  readonly #listens = new Map<number, KeepRequest>();
  readonly #errors: string[] = [];
  #phase: Phase = "fresh";
  #link: ChildLink | null = null;
  #lastQuestion = 0;
  #written: unknown = undefined;
  #stats: ProcessStats = NO_STATS;
  #metrics: readonly FamilySnapshot[] = [];
  #beat: DelayedCall | null = null;
  /** When the process last showed that its event loop turns. */
  #lastSign = 0;
  #stopped: Promise<StopReport> | null = null;
  #leftovers: readonly string[] = [];
  #cut: DelayedCall | null = null;
  /** Why we killed it, if we did. */
  #killedFor: string | null = null;

  constructor(spec: ProcessSpec, identity: ReplicaIdentity, environment: ReplicaEnvironment) {
    this.#spec = spec;
    this.#identity = identity;
    this.#environment = environment;
    this.ended = this.#end.promise;
    this.#started.promise.catch(() => {});
  }

  get ready(): boolean {
    return this.#phase === "ready";
  }

  get pid(): number | undefined {
    return this.#link?.pid;
  }

  get stats(): ProcessStats {
    return this.#stats;
  }

  get metrics(): readonly FamilySnapshot[] {
    return this.#metrics;
  }

  /** The options, as written, that it was last given and has taken. */
  get written(): unknown {
    return this.#written;
  }

  /** Start the process and the service in it; resolves when that is ready. */
  async start(written: unknown, staged: boolean): Promise<void> {
    const { surroundings } = this.#environment;
    this.#phase = "starting";
    this.#written = written;
    const spec = this.#spec;
    this.#link = new ChildLink(childCommand(spec, surroundings), {
      cwd: spec.cwd ?? Deno.cwd(),
      ...accountOf(spec.user, spec.group),
    }, {
      message: (message) => this.#receive(message, written, staged),
      print: (stream, line) => this.#print(stream, line),
      violation: (reason) => this.#killedFor ??= reason,
    });
    this.#link.exit.then(
      (exit) => this.#gone(new Error(this.#killedFor ?? exitReason(exit, spec.memory, this.#errors))),
      (error) => this.#gone(new Error(`its process cannot be started: ${cannotStart(error, spec.cwd)}`)),
    );
    await this.#started.promise;
  }

  activate(): void {
    this.#link?.send({ kind: "activate" });
  }

  /** Hand it new options, as written. False: it must be replaced. */
  async reload(written: unknown): Promise<boolean> {
    const isTaken = await this.#ask((id) => ({ kind: "reload", id, options: written }));
    if (isTaken) this.#written = written;
    return isTaken;
  }

  async health(): Promise<void> {
    await this.#ask((id) => ({ kind: "health", id }));
  }

  /** See `Instance.stop`. */
  stop(order: StopOrder): Promise<StopReport> {
    const first = this.#stopped === null;
    this.#phase = "stopping";
    this.#beat?.cancel();
    this.#started.reject(new Error("it was stopped while it started"));
    this.#link?.send({ kind: "stop", within: order.within });
    this.#cutAfter(order.within + KILL_GRACE);
    if (!first) return this.#stopped!;
    return this.#stopped = this.#finishStop(order.hold);
  }

  async #finishStop(hold: number): Promise<StopReport> {
    await this.#link?.exit.catch(() => {});
    this.#cut?.cancel();
    await this.#environment.keeper.release(this, hold);
    return { leftovers: this.#leftovers };
  }

  #cutAfter(ms: number): void {
    const { time } = this.#environment;
    if (this.#cut !== null && this.#cut.time <= time.now() + ms) return;
    this.#cut?.cancel();
    this.#cut = time.callLater(ms, () => {
      this.#leftovers = [...this.#leftovers, `process ${this.pid}, which had to be killed`];
      this.#link?.kill();
    });
  }

  #receive(message: ToRunner, written: unknown, staged: boolean): void {
    const { path, fencingToken } = this.#identity;
    switch (message.kind) {
      case "hello":
        if (message.version !== PROTOCOL_VERSION) return this.#kill("its process speaks another protocol");
        this.#link!.send({ kind: "start", name: path, options: written, staged, fencingToken });
        return;
      case "overgranted":
        return void (this.#killedFor = `its process has more than its grant (${
          message.what.join(", ")
        }), and was not trusted`);
      case "listen":
        return void this.#listen(message);
      case "ready":
        this.#stats = message.stats;
        if (this.#phase !== "starting") return;
        this.#phase = "ready";
        this.#lastSign = this.#environment.time.now();
        this.#armBeat();
        return this.#started.resolve();
      case "startFailed":
        return this.#fail(fromWire(message.error));
      case "failed":
        return this.#fail(fromWire(message.error));
      case "finished":
        if (this.#phase !== "starting" && this.#phase !== "ready") return;
        this.#phase = "over";
        this.#started.resolve();
        return this.#end.resolve({ kind: "finished", result: message.result });
      case "stopped":
        return void (this.#leftovers = message.leftovers);
      case "answer":
        return this.#answer(message);
      case "pong":
        this.#lastSign = this.#environment.time.now();
        this.#stats = message.stats;
        return void (this.#metrics = message.metrics);
      case "log":
        return this.#log(message.level, message.message, message.fields ?? {});
      case "received":
        return; // the link's own
    }
  }

  #fail(error: Error): void {
    if (this.#endWith(error)) return;
    if (this.#phase === "stopping") this.#log("error", "Service failed while it stopped", { error });
    // Often a consequence of what ended it.
    else this.#log("debug", "Service failed after its end", { error });
  }

  /** The process has ended. */
  #gone(error: Error): void {
    this.#beat?.cancel();
    for (const { reject } of this.#questions.values()) reject(error);
    this.#questions.clear();
    this.#endWith(error);
  }

  /** It is over because of `error`; false when it was already. */
  #endWith(error: Error): boolean {
    const phase = this.#phase;
    if (phase !== "starting" && phase !== "ready") return false;
    this.#phase = "over";
    if (phase === "starting") this.#started.reject(error);
    else this.#end.resolve({ kind: "failed", error });
    return true;
  }

  // Sockets

  async #listen({ id, endpoint, again }: Extract<ToRunner, { kind: "listen" }>): Promise<void> {
    const link = this.#link!;
    try {
      const request = this.#listens.get(again ?? id) ?? this.#requestFor(endpoint);
      this.#listens.set(again ?? id, request);
      const { handle, host } = await this.#environment.keeper.acquire(request, this);
      link.send({ kind: "socket", id, host });
      await link.passSocket(id, handle);
    } catch (error) {
      link.send({ kind: "noSocket", id, error: toWire(error) });
    }
  }

  #requestFor(text: string): KeepRequest {
    const endpoint = parseEndpoint(text);
    if (!this.#mayListen(endpoint)) {
      throw new Error(
        `Cannot listen on "${text}": denied by its permissions; name it in the options, or under "permissions: net"`,
      );
    }
    const { place } = placeOf(endpoint);
    const nth = [...this.#listens.values()].filter((other) => placeOf(other.endpoint).place === place).length;
    return { endpoint, owner: this.#identity.path, nth, cwd: this.#spec.cwd ?? Deno.cwd() };
  }

  /** The process may be in strange hands: it gets no socket that nobody meant it to have. */
  #mayListen(endpoint: ServerEndpoint): boolean {
    if (this.#spec.places.includes(placeOf(endpoint).place)) return true;
    const { net } = this.#spec.grant;
    if (endpoint.kind !== "tcp" || net === false) return false;
    const host = endpoint.interface.includes(":") ? `[${endpoint.interface}]` : endpoint.interface;
    return net === true || net.includes(host) || net.includes(`${host}:${endpoint.port}`);
  }

  // Heartbeat: from when it is ready on. A start has a deadline of its own, and may load much in one piece.

  #armBeat(): void {
    const { time } = this.#environment;
    const interval = Math.min(BEAT, this.#spec.heartbeat / 4);
    const armed = time.now();
    this.#beat = time.callLater(interval, () => {
      // The runner itself did not run for a while: that is not the process's silence.
      if (time.now() - armed > 2 * interval + 100) this.#lastSign = time.now();
      if (time.now() - this.#lastSign > this.#spec.heartbeat) {
        return this.#kill(`its process did not answer for ${this.#spec.heartbeat} ms, and was killed`);
      }
      this.#link!.send({ kind: "ping", id: 0 });
      this.#armBeat();
    });
  }

  #kill(reason: string): void {
    this.#killedFor ??= reason;
    this.#link!.kill();
  }

  // Questions

  #ask(message: (id: number) => Parameters<ChildLink["send"]>[0]): Promise<boolean> {
    const id = ++this.#lastQuestion;
    if (this.#phase !== "ready") return Promise.reject(new TimeoutError("its process is not ready"));
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    this.#questions.set(id, { resolve, reject });
    this.#link!.send(message(id));
    return promise;
  }

  #answer({ id, taken, error }: Extract<ToRunner, { kind: "answer" }>): void {
    const question = this.#questions.get(id);
    this.#questions.delete(id);
    if (error !== undefined) question?.reject(fromWire(error));
    else question?.resolve(taken === true);
  }

  // Log

  #print(stream: "stdout" | "stderr", line: string): void {
    if (stream === "stderr") {
      this.#errors.push(line);
      if (this.#errors.length > KEPT_ERRORS) this.#errors.shift();
    }
    this.#log(stream === "stderr" ? "warn" : "info", line, { stream });
  }

  #log(level: "debug" | "info" | "warn" | "error", message: string, fields: LogFields): void {
    const { number } = this.#identity;
    const { log } = this.#environment;
    log[level](message, number === null ? fields : { ...fields, replica: number });
  }
}

/** The system blames the program when it is the folder that is missing. */
function cannotStart(
  error: { readonly code?: string; readonly message: string },
  cwd: string | null,
): string {
  return error.code === "ENOENT" && cwd !== null ? `is there a folder "${cwd}"?` : error.message;
}
