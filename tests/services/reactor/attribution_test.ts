import { currentOwner, onAccountOf } from "../../../services/reactor/attribution.ts";
import { MemoryReactor, recordingLogger } from "../../../services/testing/mod.ts";
import { assertEquals } from "../../assert.ts";
import { bytes, connected, type Manners, Peer } from "./peers.ts";

/** Notes on whose account each callback runs. */
function witness(accounts: string[]): Manners {
  const note = (): void => void accounts.push(currentOwner()?.name ?? "nobody");
  return { made: note, data: note, end: note, drain: note, lost: note };
}

function scopeOf(reactor: MemoryReactor, name: string, failures: unknown[] = []) {
  return reactor.scope({ name, log: recordingLogger(), onFailure: (error) => failures.push(error) });
}

function only(accounts: readonly string[]): string[] {
  return [...new Set(accounts)];
}

Deno.test("every callback of a connection runs on its service's account", async () => {
  await using reactor = new MemoryReactor();
  const [server, client] = [[] as string[], [] as string[]];
  const [a, b] = [scopeOf(reactor, "a"), scopeOf(reactor, "b")];
  const factory = () => {
    server.push(currentOwner()?.name ?? "nobody");
    return new Peer(witness(server));
  };
  await a.listen("tcp:1", factory);
  const peer = await b.connect("tcp:localhost:1", () => new Peer(witness(client)));
  peer.transport.write(bytes("x"));
  await reactor.settle();
  await a.drain({ within: 0, hold: 0 });
  await reactor.settle();
  assertEquals([only(server), server.length, only(client), client.length], [["a"], 5, ["b"], 2]);
});

Deno.test("it stays so after the gate, a stall, a pause and a write on another's account", async () => {
  await using reactor = new MemoryReactor();
  const accounts: string[] = [];
  const [a, b] = [scopeOf(reactor, "a"), scopeOf(reactor, "b")];
  const noting = witness(accounts);
  const { server, client } = await connected(a, {
    ...noting,
    data: (peer, chunk) => {
      noting.data!(peer, chunk);
      if (peer.text.endsWith("?")) peer.transport.write(new Uint8Array(65 * 1024));
    },
  });
  await reactor.settle();
  const hear = async (text: string): Promise<void> => {
    const count = accounts.length;
    client.transport.write(bytes(text));
    await reactor.advance(100);
    assertEquals(accounts.length > count, true, `nothing was heard of "${text}"`);
  };
  await onAccountOf(b, async () => {
    await b.listen("tcp:2", () => new Peer());
    for (let i = 0; i < 3; i++) await b.connect("tcp:localhost:2", () => new Peer());
    await hear("behind the gate");
    server.transport.pauseProducing();
    server.transport.resumeProducing();
    await hear("after a pause");
    server.transport.write(bytes("from elsewhere"));
    await hear("after a write");
    client.transport.pauseProducing();
    await hear("?");
    await hear("during a stall");
    client.transport.resumeProducing();
    await hear("after a stall");
    server.transport.write(new Uint8Array(65 * 1024));
    await hear("after a full buffer");
    server.transport.abortConnection();
    await server.lost;
  });
  assertEquals(only(accounts), ["a"]);
});

Deno.test("connections held for a successor are on the successor's account", async () => {
  await using reactor = new MemoryReactor();
  const [old, next] = [scopeOf(reactor, "web"), scopeOf(reactor, "web 2")];
  await old.listen("tcp:127.0.0.1:1", () => new Peer());
  await old.drain({ within: 0, hold: 1_000 });
  const client = await reactor.connect("tcp:localhost:1", () => new Peer());
  const accounts: string[] = [];
  await reactor.settle();
  await next.listen("tcp:127.0.0.1:1", () => new Peer(witness(accounts)));
  client.transport.write(bytes("x"));
  await reactor.settle();
  const late = await reactor.connect("tcp:localhost:1", () => new Peer());
  late.transport.write(bytes("x"));
  await reactor.settle();
  assertEquals([only(accounts), accounts.length], [["web 2"], 4]);
});

Deno.test("what timers and tasks throw is their scope's failure, and nobody else's", async () => {
  await using reactor = new MemoryReactor();
  const [inA, inB]: [unknown[], unknown[]] = [[], []];
  const [a, b] = [scopeOf(reactor, "a", inA), scopeOf(reactor, "b", inB)];
  const [timer, task, sync, soon] = ["timer", "task", "sync", "soon"].map((text) => new Error(text));
  const raise = (error?: Error) => {
    throw error;
  };
  a.callLater(1, () => raise(timer));
  a.spawn(() => Promise.reject(task));
  a.spawn(() => raise(sync));
  b.callLater(1, () => assertEquals(currentOwner(), b));
  b.callWhenRunning(() => raise(soon));
  const running = reactor.run();
  await reactor.advance(1);
  assertEquals([inA, inB], [[sync, task, timer], [soon]]);
  reactor.stop();
  await running;
});

Deno.test("a rejection that nobody handles is found on the account of the connection that made it", async () => {
  await using reactor = new MemoryReactor();
  const scope = scopeOf(reactor, "a");
  const blamed = Promise.withResolvers<string | undefined>();
  const onRejection = (event: PromiseRejectionEvent): void => {
    event.preventDefault();
    blamed.resolve(currentOwner()?.name);
  };
  globalThis.addEventListener("unhandledrejection", onRejection);
  try {
    const { client } = await connected(scope, { data: () => void Promise.reject(new Error("forgotten")) });
    client.transport.write(bytes("x"));
    await reactor.settle();
    assertEquals(await blamed.promise, "a");
  } finally {
    globalThis.removeEventListener("unhandledrejection", onRejection);
  }
});

Deno.test("listeners of draining and signal run on their scope's account", async () => {
  await using reactor = new MemoryReactor();
  const scope = scopeOf(reactor, "a");
  const accounts: (string | undefined)[] = [];
  for (const signal of [scope.draining, scope.signal]) {
    signal.addEventListener("abort", () => accounts.push(currentOwner()?.name));
  }
  await scope.drain({ within: 0, hold: 0 });
  assertEquals(accounts, ["a", "a"]);
});
