import { z } from "zod";
import { type ServiceContext, type Token, token } from "../../../services/context.ts";
import { definePlugin, type Plugin } from "../../../services/plugin/plugin.ts";
import type { StandardSchema } from "../../../services/plugin/standard_schema.ts";
import { ClientService } from "../../../services/client_service.ts";
import { Protocol } from "../../../services/protocol/protocol.ts";
import type { Service } from "../../../services/service.ts";
import { provision, startPlugin } from "../../../services/testing/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "../../assert.ts";

const text = (data: Uint8Array) => new TextDecoder().decode(data);
const bytes = (data: string) => new TextEncoder().encode(data);

/** A plugin without options. */
function plugin(
  makeService: () => Service,
  more: Partial<Plugin<z.ZodType<object>>> = {},
): Plugin<z.ZodType<object>> {
  return definePlugin({ name: "test", options: z.strictObject({}), makeService, ...more });
}

/** A plugin whose service keeps its context for the test. */
function open(): { readonly plugin: Plugin<z.ZodType<object>>; readonly ctx: () => ServiceContext } {
  let context: ServiceContext;
  return { plugin: plugin(() => ({ start: (ctx) => void (context = ctx) })), ctx: () => context };
}

Deno.test("startPlugin gives makeService what the schema makes of the options", async () => {
  let given: unknown;
  const counted = definePlugin({
    name: "counted",
    options: z.strictObject({ size: z.string().transform(Number), more: z.boolean().default(true) }),
    makeService(options) {
      given = options;
      return { start() {} };
    },
  });
  await using _app = await startPlugin(counted, { size: "42" });
  assertEquals(given, { size: 42, more: true });
});

Deno.test("startPlugin says what is wrong with the options, each fault with its path", async () => {
  const picky = definePlugin({
    name: "picky",
    options: z.strictObject({ peers: z.array(z.object({ port: z.int() })).default([]) }),
    check: ({ peers }) => peers.length > 1 ? [{ path: ["peers"], message: "one is enough" }] : [],
    makeService: () => ({ start() {} }),
  });
  const messageOf = async (options: object) =>
    (await assertRejects(() => startPlugin(picky, options), Error)).message;
  const [title, fault] = (await messageOf({ peers: [{ port: 1 }, { port: "x" }] })).split("\n");
  assertEquals(title, 'Cannot use these options for plugin "picky":');
  assertStringIncludes(fault ?? "", "  options.peers.1.port: ");
  assertStringIncludes(await messageOf({ pears: [] }), '  options: Unrecognized key: "pears"');
  assertEquals(
    await messageOf({ peers: [{ port: 1 }, { port: 2 }] }),
    'Cannot use these options for plugin "picky":\n  options.peers: one is enough',
  );
});

Deno.test("startPlugin takes any Standard Schema, also one that answers later", async () => {
  const schema: StandardSchema<unknown, string> = {
    "~standard": {
      version: 1,
      vendor: "mine",
      validate: (value) => Promise.resolve({ value: JSON.stringify(value) }),
    },
  };
  let given = "";
  const plain = definePlugin({
    name: "plain",
    options: schema,
    makeService: (options) => ({ start: () => void (given = options) }),
  });
  await using _app = await startPlugin(plain, { a: 1 });
  assertEquals(given, '{"a":1}');
});

Deno.test("a start that fails is thrown, after all that it had opened was released", async () => {
  let released = false;
  const broken = plugin(() => ({
    async start(ctx) {
      ctx.use({ [Symbol.dispose]: () => void (released = true) });
      await ctx.reactor.listen("tcp:1", () => new Protocol());
      throw new Error("no database");
    },
  }));
  await assertRejects(() => startPlugin(broken), Error, "no database");
  assert(released);
});

Deno.test("a plugin gets its provisions, and what it provides can be had", async () => {
  const [numbers, sums]: [Token<number[]>, Token<number>] = [token("test.numbers"), token("test.sums")];
  const adding = plugin(() => ({
    start: (ctx) => ctx.provide(sums, ctx.get(numbers).reduce((a, b) => a + b)),
  }), { needs: [numbers] });
  await using app = await startPlugin(adding, {}, { provisions: [provision(numbers, [1, 2, 3])] });
  assertEquals(app.get(sums), 6);
  assertThrows(
    () => app.get(numbers),
    Error,
    'Cannot get "test.numbers" from plugin "test": it does not provide that',
  );
  await assertRejects(
    () => startPlugin(adding),
    Error,
    'Cannot start plugin "test": nothing provides "test.numbers"; name it under provisions',
  );
});

Deno.test("a token that was not given cannot be had", async () => {
  const hasty = plugin(() => ({ start: (ctx) => void ctx.get(token("test.secret")) }));
  await assertRejects(
    () => startPlugin(hasty),
    Error,
    'Cannot get "test.secret" for plugin "test": nothing provides "test.secret"; name it under provisions',
  );
});

Deno.test("a failure that the test did not look at fails the test", async () => {
  const { plugin, ctx } = open();
  const run = async (look: boolean) => {
    await using app = await startPlugin(plugin);
    ctx().spawn(() => Promise.reject(new Error("task broke")));
    await app.advance(0);
    if (look) assertEquals((await app.ended).kind, "failed");
  };
  await assertRejects(() => run(false), Error, "task broke");
  await run(true);
});

Deno.test("ended tells how the service ended by itself", async () => {
  const { plugin, ctx } = open();
  await using app = await startPlugin(plugin);
  ctx().reactor.callLater(1_000, () => ctx().finish("done"));
  await app.advance(1_000);
  assertEquals(await app.ended, { kind: "finished", result: "done" });
});

Deno.test("log keeps what the service says", async () => {
  const { plugin, ctx } = open();
  await using app = await startPlugin(plugin);
  ctx().log.warn("Disk is full", { path: "/" });
  assertEquals(app.log.records, [{ level: "warn", message: "Disk is full", fields: { path: "/" } }]);
});

Deno.test("stop drains on the clock, and names what had to be cut", async () => {
  class Stubborn extends Protocol {
    override drainRequested(): void {}
  }
  await using app = await startPlugin(
    plugin(() => ({ start: (ctx) => ctx.reactor.listen("tcp:1", () => new Stubborn()) })),
  );
  const client = await app.connect();
  const stopped = app.stop(2_000);
  await app.advance(1_999);
  assertEquals(client.closed, false);
  await app.advance(1);
  assertEquals((await stopped).length, 1);
  assertEquals(client.closed, true);
});

Deno.test("disposing needs no clock, whatever the service is about", async () => {
  const busy = plugin(() => ({
    async start(ctx) {
      await ctx.reactor.listen("tcp:1", () => {
        const protocol = new Protocol();
        protocol.drainRequested = () => {};
        return protocol;
      });
      ctx.spawn(() => new Promise(() => {}));
      ctx.reactor.callLater(1_000, () => {});
    },
  }));
  const app = await startPlugin(busy);
  const client = await app.connect();
  await app[Symbol.asyncDispose]();
  assertEquals([client.closed, app.reactor.clock.pending], [true, []]);
});

Deno.test("reload validates, and asks the service; health is the service's", async () => {
  const { plugin: plain } = open();
  await using app = await startPlugin(plain);
  assertEquals(await app.reload({}), false);
  await assertRejects(() => app.reload({ no: 1 } as object), Error, "Unrecognized key");
  await app.health();

  const sick = plugin(() => ({
    start() {},
    reload: () => true,
    health() {
      throw new Error("unwell");
    },
  }));
  await using other = await startPlugin(sick);
  assertEquals(await other.reload({}), true);
  await assertRejects(() => other.health(), Error, "unwell");
});

Deno.test("a client takes what came as text, as bytes, or up to a mark", async () => {
  class Lines extends Protocol {
    override dataReceived(data: Uint8Array): void {
      this.transport.write(bytes(`got ${text(data)}\r\nmore`));
    }
  }
  await using app = await startPlugin(
    plugin(() => ({ start: (ctx) => ctx.reactor.listen("tcp:1", () => new Lines()) })),
  );
  const client = await app.connect();
  await client.send("one");
  assertEquals(await client.receivedUntil("\r\n"), "got one\r\n");
  assertEquals([client.received(), client.received()], ["more", ""]);
  await client.send(bytes("two"));
  assertEquals(client.receivedBytes(), bytes("got two\r\nmore"));
  const waiting = client.receivedUntil("three");
  await client.send("three");
  assertEquals(await waiting, "got three");
  const disappointed = assertRejects(
    () => client.receivedUntil("four"),
    Error,
    'Cannot receive "four": the connection is over after "\\r\\nmore"',
  );
  await client.close();
  await disappointed;
  assert((await client.whenClosed).clean);
});

Deno.test("a character that comes in two pieces is one", async () => {
  const { plugin, ctx } = open();
  await using app = await startPlugin(plugin);
  let protocol: Protocol | undefined;
  await ctx().reactor.listen("tcp:1", () => protocol = new Protocol());
  const client = await app.connect();
  const [first, ...rest] = bytes("ä");
  protocol!.transport.write(Uint8Array.of(first!));
  await app.advance(0);
  assertEquals(client.received(), "");
  protocol!.transport.write(Uint8Array.from(rest));
  await app.advance(0);
  assertEquals(client.received(), "ä");
});

Deno.test("connecting to what does not listen says so", async () => {
  const { plugin } = open();
  await using app = await startPlugin(plugin);
  await assertRejects(() => app.connect(), Error, "it listens for no connections");
  await assertRejects(() => app.connectDatagram(), Error, "it listens for no datagrams");
  await assertRejects(() => app.connect("tcp:127.0.0.1:9"), Error, "refused");
});

Deno.test("a plugin that is a client is tested against a server of the test's own", async () => {
  const client = definePlugin({
    name: "client",
    options: z.strictObject({}),
    makeService: () => new ClientService("tcp:127.0.0.1:9", () => new Protocol()),
  });
  await using app = await startPlugin(client);
  assertEquals((app.service as ClientService).state, "waiting");
  const served: Protocol[] = [];
  await app.reactor.listen("tcp:9", () => served[served.push(new Protocol()) - 1]!);
  await app.advance(2_000);
  assertEquals([(app.service as ClientService).state, served.length], ["connected", 1]);
  assertEquals(await app.stop(), []);
  assertEquals(served[0]!.transport.state, "closed");
});
