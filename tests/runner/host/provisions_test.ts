import { Capabilities } from "../../../runner/host/capabilities.ts";
import { type ServiceContext, type Token, token } from "../../../services/context.ts";
import type { Service } from "../../../services/service.ts";
import { assertEquals, assertRejects } from "../../assert.ts";
import { HostScene } from "./_scene.ts";

const GREETING: Token<string> = token("test.greeting");

/** A service that provides a greeting. */
function greeter(greeting: string): Service {
  return { start: (ctx) => ctx.provide(GREETING, greeting) };
}

/** A service that keeps its context, to ask it later. */
function asker(): { readonly service: Service; ask(): string } {
  let context: ServiceContext;
  return { service: { start: (ctx) => void (context = ctx) }, ask: () => context.get(GREETING) };
}

Deno.test("a service gets what a service that it needs provides", async () => {
  await using scene = new HostScene();
  await scene.started("polite", greeter("hello"));
  await scene.started("rude", greeter("what?"));
  const { service, ask } = asker();
  await scene.started("web", service, { needs: ["db", "polite"] });
  assertEquals(ask(), "hello");
});

Deno.test("a need that is a group covers all that is in it", async () => {
  await using scene = new HostScene();
  await scene.started("backend.deep.polite", greeter("hello"));
  await scene.started("backends.rude", greeter("what?"));
  const { service, ask } = asker();
  await scene.started("web", service, { needs: ["backend"] });
  assertEquals(ask(), "hello");
});

Deno.test("what no needed service provides cannot be had; the message says what to do", async () => {
  await using scene = new HostScene();
  await scene.started("polite", greeter("hello"));
  for (
    const [needs, why] of [
      [[], "it needs no service; name the provider under needs"],
      [["db", "cache"], 'none of "db", "cache" provides it'],
    ] as const
  ) {
    const instance = scene.launch("web", { start: (ctx) => void ctx.get(GREETING) }, { needs });
    const message = `Cannot get "test.greeting" for service "web": ${why}`;
    await assertRejects(() => instance.start(new AbortController().signal), Error, message);
  }
});

Deno.test("what a service provides goes with it; its successor's comes first", async () => {
  await using scene = new HostScene();
  const old = await scene.started("polite", greeter("hello"));
  const { service, ask } = asker();
  await scene.started("web", service, { needs: ["polite"] });
  const successor = await scene.started("polite", greeter("good day"), { staged: true });
  assertEquals(ask(), "good day");
  await scene.stop(old);
  assertEquals(ask(), "good day");
  await scene.stop(successor);
  let error: unknown;
  try {
    ask();
  } catch (thrown) {
    error = thrown;
  }
  assertEquals((error as Error).message.includes('none of "polite" provides it'), true);
});

Deno.test("what the application itself offers, every service gets", async () => {
  const capabilities = new Capabilities();
  capabilities.offer(GREETING, (path) => `from above, ${path}`);
  await using scene = new HostScene(capabilities);
  const { service, ask } = asker();
  await scene.started("web", service);
  assertEquals(ask(), "from above, web");
});

Deno.test("tokens are compared by their ids, so that two copies of a module agree", async () => {
  await using scene = new HostScene();
  await scene.started("polite", { start: (ctx) => ctx.provide(token<string>("test.greeting"), "hello") });
  const { service, ask } = asker();
  await scene.started("web", service, { needs: ["polite"] });
  assertEquals(ask(), "hello");
});
