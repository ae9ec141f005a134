import { type ClientEvent, type ClientState, nextClientState } from "../../services/_client_states.ts";
import { CancelledError, TimeoutError } from "../../services/async/errors.ts";
import { ClientService, type ClientServiceOptions } from "../../services/client_service.ts";
import { EndpointError } from "../../services/endpoint/endpoint_error.ts";
import { Protocol } from "../../services/protocol/protocol.ts";
import { ConnectError } from "../../services/reactor/errors.ts";
import type { Port } from "../../services/reactor/reactor.ts";
import { backoffPolicy } from "../../services/retry_policy.ts";
import { MemoryReactor, recordingLogger } from "../../services/testing/mod.ts";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "../assert.ts";

const PLACE = "tcp:127.0.0.1:9";

/** A client, the times of its attempts, and a server that is there when the test says so. */
class Scene implements AsyncDisposable {
  readonly reactor = new MemoryReactor();
  readonly log = recordingLogger();
  readonly served: Protocol[] = [];
  readonly made: Protocol[] = [];
  readonly client: ClientService;
  #port: Port | null = null;

  constructor(options: ClientServiceOptions = {}, makeProtocol = () => new Protocol()) {
    const factory = () => {
      this.made.push(makeProtocol());
      return this.made.at(-1)!;
    };
    const retry = backoffPolicy({ jitter: 0 });
    this.client = new ClientService(PLACE, factory, { retry, ...options });
  }

  start(): void {
    this.client.start({ reactor: this.reactor, log: this.log });
  }

  async serve(): Promise<void> {
    this.#port = await this.reactor.listen("tcp:9", () => {
      this.served.push(new Protocol());
      return this.served.at(-1)!;
    });
  }

  async serveNoMore(): Promise<void> {
    await this.#port?.stopListening();
    for (const protocol of this.served.splice(0)) protocol.transport.abortConnection();
    await this.reactor.settle();
  }

  /** A client that is connected. */
  static async connected(options: ClientServiceOptions = {}, makeProtocol?: () => Protocol): Promise<Scene> {
    const scene = new Scene(options, makeProtocol);
    await scene.serve();
    scene.start();
    await scene.reactor.settle();
    assertEquals(scene.client.state, "connected");
    return scene;
  }

  /** When attempts failed, by the clock, until `ms` have passed. */
  async failures(ms: number): Promise<number[]> {
    const times: number[] = [];
    for (let at = 0; at <= ms; at += 250) {
      const before = this.log.records.length;
      await this.reactor.advance(at === 0 ? 0 : 250);
      if (this.log.records.length > before) times.push(this.reactor.now());
    }
    return times;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stopped = this.client.stop();
    await this.reactor.advance(10_000);
    await stopped;
    await this.reactor[Symbol.asyncDispose]();
    assertEquals(this.reactor.clock.pending, [], "timers are left on the clock");
  }
}

Deno.test("a client service knows these transitions, and no others", () => {
  const states: ClientState[] = [
    "init",
    "connecting",
    "waiting",
    "connected",
    "disconnecting",
    "restarting",
    "stopped",
  ];
  const events: ClientEvent[] = ["start", "stop", "retry", "connected", "failed", "lost"];
  const table = Object.fromEntries(
    states.map((state) => [state, events.map((event) => nextClientState(state, event) ?? "-").join(" ")]),
  );
  assertEquals(table, {
    //            start       stop          retry      connected failed     lost
    init: "connecting stopped - - - -",
    connecting: "- disconnecting - connected waiting -",
    waiting: "- stopped connecting - - -",
    connected: "- disconnecting - - - waiting",
    disconnecting: "restarting - - - stopped stopped",
    restarting: "- disconnecting - - connecting connecting",
    stopped: "connecting - - - - -",
  });
});

Deno.test("ClientService retries after 1 s, then 1.5 times as long each time, up to 60 s", async () => {
  await using scene = new Scene();
  scene.start();
  assertEquals(await scene.failures(10_000), [0, 1_000, 2_500, 4_750, 8_250]);
  const policy = backoffPolicy({ jitter: 0 });
  assertEquals([0, 1, 2, 10, 11, 10_000].map(policy), [1_000, 1_500, 2_250, 57_665.0390625, 60_000, 60_000]);
});

Deno.test("backoffPolicy adds jitter, as much as the initial delay when nothing else is said", () => {
  assertEquals(backoffPolicy({ random: () => 0.5 })(0), 1_500);
  assertEquals(backoffPolicy({ initial: 10, random: () => 1 })(1), 25);
  assertEquals(backoffPolicy({ jitter: 5, random: () => 1 })(100), 60_005);
  assertThrows(() => backoffPolicy({ factor: 0.5 }), RangeError, 'Cannot retry with factor "0.5"');
  assertThrows(() => backoffPolicy({ max: NaN }), RangeError, 'Cannot retry with max "NaN"');
});

Deno.test("ClientService connects once the server is there, and begins with the shortest delay after a loss", async () => {
  await using scene = new Scene();
  scene.start();
  await scene.reactor.advance(2_500);
  await scene.serve();
  await scene.reactor.advance(2_249);
  assertEquals(scene.client.state, "waiting");
  await scene.reactor.advance(1);
  assertEquals(scene.client.state, "connected");

  await scene.serveNoMore();
  assertEquals(scene.client.state, "waiting");
  assertEquals(await scene.failures(5_000), [5_750, 7_250, 9_500]);
});

Deno.test("whenConnected resolves with the protocol of the connection, now or later", async () => {
  await using scene = new Scene();
  const early = scene.client.whenConnected();
  scene.start();
  await scene.reactor.settle();
  const waiting = scene.client.whenConnected();
  await scene.serve();
  await scene.reactor.advance(1_000);
  assertStrictEquals(await early, scene.made[0]);
  assertStrictEquals(await waiting, scene.made[0]);
  assertStrictEquals(await scene.client.whenConnected(), scene.made[0]);
});

Deno.test("whenConnected fails after as many failures as it is told, counted from the call", async () => {
  await using scene = new Scene();
  scene.start();
  await scene.reactor.settle();
  const outcomes: string[] = [];
  const watch = (failures: number) =>
    scene.client.whenConnected({ failAfterFailures: failures })
      .catch((error) => outcomes.push(`${failures}: ${error.name} at ${scene.reactor.now()}`));
  const watched = [watch(1), watch(3)];
  await scene.reactor.advance(60_000);
  await Promise.all(watched);
  assertEquals(outcomes, ["1: ConnectError at 1000", "3: ConnectError at 4750"]);
  await assertRejects(() => scene.client.whenConnected({ failAfterFailures: 0 }), RangeError);
});

Deno.test("whenConnected fails with its signal's reason, and the client goes on", async () => {
  await using scene = new Scene();
  scene.start();
  const abort = new AbortController();
  const waiting = scene.client.whenConnected({ signal: abort.signal });
  abort.abort(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
  await assertRejects(() => scene.client.whenConnected({ signal: abort.signal }), Error, "enough");
  assertEquals(scene.client.state, "waiting");
});

Deno.test("a stop cancels those who wait, whatever the client is about", async () => {
  for (const about of ["nothing", "connecting", "waiting"]) {
    await using scene = new Scene();
    if (about !== "nothing") scene.start();
    if (about === "waiting") await scene.reactor.settle();
    const waiting = scene.client.whenConnected();
    const stopped = scene.client.stop();
    await assertRejects(() => waiting, CancelledError, `"tcp:127.0.0.1:9"`);
    await stopped;
    assertEquals([scene.client.state, scene.reactor.clock.pending], ["stopped", []]);
    await assertRejects(() => scene.client.whenConnected(), CancelledError, "has stopped");
  }
});

Deno.test("stop waits until the connection is over; a start meanwhile connects anew", async () => {
  class Slow extends Protocol {
    asked = 0;
    override drainRequested(): void {
      this.asked++;
    }
  }
  await using scene = await Scene.connected({}, () => new Slow());
  const first = scene.made[0] as Slow;
  let stopped = false;
  const stop = scene.client.stop().then(() => stopped = true);
  await scene.reactor.settle();
  assertEquals([scene.client.state, first.asked, stopped], ["disconnecting", 1, false]);
  scene.start();
  assertEquals(scene.client.state, "restarting");
  first.transport.loseConnection();
  await stop;
  await scene.reactor.settle();
  assertEquals([scene.client.state, scene.reactor.clock.pending], ["connected", []]);
  assert(scene.made[1] !== first);
});

Deno.test("a connection that does not end in order is aborted after stopTimeout", async () => {
  class Stubborn extends Protocol {
    override drainRequested(): void {}
  }
  await using scene = await Scene.connected({ stopTimeout: 3_000 }, () => new Stubborn());
  const stop = scene.client.stop();
  await scene.reactor.advance(2_999);
  assertEquals(scene.client.state, "disconnecting");
  await scene.reactor.advance(1);
  await stop;
  assertEquals(scene.client.state, "stopped");
});

Deno.test("a failing prepareConnection is a failed attempt: aborted, and tried again", async () => {
  const tried: Protocol[] = [];
  await using scene = new Scene({
    async prepareConnection(protocol) {
      tried.push(protocol);
      await Promise.resolve();
      if (tried.length < 3) throw new Error("Login failed");
    },
  });
  await scene.serve();
  scene.start();
  await assertRejects(() => scene.client.whenConnected({ failAfterFailures: 1 }), Error, "Login failed");
  assertEquals([scene.client.state, tried[0]?.transport.state], ["waiting", "closed"]);
  const waiting = scene.client.whenConnected();
  await scene.reactor.advance(2_500);
  assertStrictEquals(await waiting, tried[2]);
  assertEquals(scene.made, tried);
});

Deno.test("a connection that is lost while it is prepared, or never done with it, is a failed attempt", async () => {
  await using scene = new Scene({ timeout: 5_000, prepareConnection: () => new Promise<void>(() => {}) });
  await scene.serve();
  scene.start();
  const failed = scene.client.whenConnected({ failAfterFailures: 1 });
  await scene.reactor.settle();
  scene.served[0]!.transport.loseConnection();
  await assertRejects(() => failed, Error, "closed cleanly");
  const late = scene.client.whenConnected({ failAfterFailures: 1 });
  const told = assertRejects(() => late, TimeoutError, `Cannot prepare the connection to "tcp:127.0.0.1:9"`);
  await scene.reactor.advance(1_000 + 5_000);
  await told;
});

Deno.test("a stop gives up the preparation, with its signal", async () => {
  let signal: AbortSignal | undefined;
  await using scene = new Scene({
    prepareConnection: (_, given) => {
      signal = given;
      return new Promise<void>(() => {});
    },
  });
  await scene.serve();
  scene.start();
  await scene.reactor.settle();
  await scene.client.stop();
  assert(signal?.aborted);
  assertEquals([scene.client.state, scene.made[0]?.transport.state], ["stopped", "closed"]);
});

Deno.test("a protocol that aborts while it is made has not connected", async () => {
  class Picky extends Protocol {
    override connectionMade(): void {
      throw new Error("not like this");
    }
  }
  await using scene = new Scene({}, () => new Picky());
  await scene.serve();
  scene.start();
  await assertRejects(
    () => scene.client.whenConnected({ failAfterFailures: 1 }),
    Error,
    "Protocol threw an exception",
  );
  assertEquals(scene.client.state, "waiting");
});

Deno.test("the drain of a service stops its client, and the protocol hears of it once", async () => {
  class Polite extends Protocol {
    asked = 0;
    override drainRequested(): void {
      this.asked++;
      this.transport.loseConnection();
    }
  }
  await using scene = new Scene({}, () => new Polite());
  await scene.serve();
  const scope = scene.reactor.scope({ name: "app", log: scene.log, onFailure: (error) => fail(error) });
  const { draining } = scope;
  scene.client.start({ reactor: scope, draining });
  await scene.reactor.settle();
  assertEquals(await scope.drain({ within: 5_000, hold: 0 }), []);
  assertEquals([scene.client.state, (scene.made[0] as Polite).asked], ["stopped", 1]);
});

Deno.test("a client that waits for its next attempt ends with the scope that it was started in", async () => {
  await using scene = new Scene();
  const scope = scene.reactor.scope({ name: "app", log: scene.log, onFailure: (error) => fail(error) });
  const { draining } = scope;
  scene.client.start({ reactor: scope, draining });
  await scene.reactor.settle();
  assertEquals(scene.client.state, "waiting");
  await scope.drain({ within: 5_000, hold: 0 });
  assertEquals(scene.client.state, "stopped");
  scene.client.start({ reactor: scope, draining });
  await scene.reactor.settle();
  assertEquals(scene.client.state, "stopped");
});

Deno.test("a client that is given only a reactor stops with it when that is a scope", async () => {
  await using scene = new Scene();
  await scene.serve();
  const scope = scene.reactor.scope({ name: "app", log: scene.log, onFailure: (error) => fail(error) });
  scene.client.start({ reactor: scope });
  await scene.reactor.settle();
  assertEquals(scene.client.state, "connected");
  await scope.drain({ within: 5_000, hold: 0 });
  await scene.reactor.advance(120_000);
  assertEquals([scene.client.state, scene.made.length], ["stopped", 1]);
});

Deno.test("a stopped client starts again with the shortest delay", async () => {
  await using scene = new Scene();
  scene.start();
  await scene.reactor.advance(10_000);
  await scene.client.stop();
  scene.start();
  await scene.reactor.settle();
  await scene.serve();
  await scene.reactor.advance(1_000);
  assertEquals(scene.client.state, "connected");
});

Deno.test("ClientService takes no endpoint that it could not connect to", () => {
  assertThrows(() => new ClientService("tcp:nowhere", () => new Protocol()), EndpointError);
});

Deno.test("what became of the attempts is in the log, with the endpoint", async () => {
  await using scene = new Scene();
  scene.start();
  await scene.reactor.settle();
  await scene.serve();
  await scene.reactor.advance(1_000);
  await scene.serveNoMore();
  const [failed, connected, over] = scene.log.records;
  assertEquals([failed?.level, failed?.message], ["warn", "Attempt to connect failed"]);
  assert(failed?.fields.error instanceof ConnectError);
  assertEquals(connected, { level: "info", message: "Connected", fields: { endpoint: PLACE } });
  assertEquals([over?.message, over?.fields.endpoint], ["Connection is over", PLACE]);
});

function fail(error: unknown): never {
  throw error;
}
