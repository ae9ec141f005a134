import { InlineHost } from "../../../runner/host/inline_host.ts";
import { Protocol } from "../../../services/protocol/protocol.ts";
import type { InetAddress } from "../../../services/reactor/address.ts";
import { DenoReactor } from "../../../services/reactor/deno/deno_reactor.ts";
import { silentLogger } from "../../../services/log.ts";
import type { Service } from "../../../services/service.ts";
import { assert, assertEquals, assertRejects } from "../../assert.ts";
import { service } from "../supervisor/_specs.ts";
import { HostScene } from "./_scene.ts";

/** Tells everybody who serves them, and hangs up. */
function announcer(name: string, endpoint = "tcp:1"): Service {
  class Announce extends Protocol {
    override connectionMade(): void {
      this.transport.write(new TextEncoder().encode(name));
      this.transport.loseConnection();
    }
  }
  return { start: (ctx) => ctx.reactor.listen(endpoint, () => new Announce()) };
}

Deno.test("a staged instance serves from its activation on, on the same socket", async () => {
  await using scene = new HostScene();
  const old = await scene.started("web", announcer("old"));
  const successor = await scene.started("web", announcer("new"), { staged: true });
  assertEquals((await scene.connect("tcp:127.0.0.1:1")).received(), "old");
  successor.activate();
  assertEquals((await scene.connect("tcp:127.0.0.1:1")).received(), "new");
  assertEquals(await scene.stop(old), []);
  assertEquals((await scene.connect("tcp:127.0.0.1:1")).received(), "new");
});

Deno.test("a staged instance that is given up leaves the old one its socket", async () => {
  await using scene = new HostScene();
  await scene.started("web", announcer("old"));
  const successor = await scene.started("web", announcer("new"), { staged: true });
  await scene.stop(successor);
  assertEquals((await scene.connect("tcp:127.0.0.1:1")).received(), "old");
});

Deno.test("the port of a crashed service is parked: who connects meanwhile is served by the successor", async () => {
  await using scene = new HostScene();
  const crashed = await scene.started("web", announcer("first"));
  await scene.stop(crashed, { within: 0, hold: 5_000 });
  const waiting = [await scene.connect("tcp:127.0.0.1:1"), await scene.connect("tcp:127.0.0.1:1")];
  await scene.reactor.advance(4_000);
  assertEquals(waiting.map((client) => [client.received(), client.closed]), [["", false], ["", false]]);
  await scene.started("web", announcer("second"));
  await scene.reactor.settle();
  assertEquals(waiting.map((client) => client.received()), ["second", "second"]);
});

Deno.test("a parked port that nobody comes for is closed when its time is over", async () => {
  await using scene = new HostScene();
  const crashed = await scene.started("web", announcer("first"));
  await scene.stop(crashed, { within: 0, hold: 5_000 });
  const waiting = await scene.connect("tcp:127.0.0.1:1");
  await scene.reactor.advance(5_000);
  assert(waiting.closed);
  await assertRejects(() => scene.connect("tcp:127.0.0.1:1"), Error, "refused");
});

Deno.test("on real sockets a takeover refuses and loses no connection", async () => {
  await using reactor = new DenoReactor();
  const host = new InlineHost({ reactor, log: () => silentLogger });
  const start = async (name: string, endpoint: string, staged: boolean) => {
    const spec = service("web", { makeService: () => announcer(name, endpoint) });
    const instance = host.launch({ path: "web", spec, needs: [], staged });
    await instance.start(new AbortController().signal);
    return instance;
  };

  let current = await start("1", "tcp:127.0.0.1:0", false);
  const [{ port }] = current.stats().endpoints as [InetAddress];
  const heard = new Set<string>();
  let arrival = Promise.withResolvers<void>();
  let over = false;
  const clients = Array.from({ length: 8 }, async () => {
    while (!over) {
      using conn = await Deno.connect({ port });
      const text = await new Response(conn.readable).text();
      if (text === "") throw new Error("A connection was closed unserved");
      heard.add(text);
      arrival.resolve();
    }
  });
  const untilHeard = async (name: string) => {
    while (!heard.has(name)) {
      arrival = Promise.withResolvers();
      await Promise.race([arrival.promise, ...clients]);
    }
  };
  for (let generation = 2; generation <= 20; generation++) {
    await untilHeard(String(generation - 1));
    const successor = await start(String(generation), "tcp:127.0.0.1:0", true);
    successor.activate();
    const { leftovers } = await current.stop({ within: 1_000, hold: 0 });
    assertEquals(leftovers, []);
    current = successor;
  }
  await untilHeard("20");
  over = true;
  await Promise.all(clients);
  await current.stop({ within: 1_000, hold: 0 });
});
