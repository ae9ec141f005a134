import {
  type Registry,
  type RegistryChange,
  RegistryConflict,
  type RegistryInstance,
  type RegistrySnapshot,
} from "../../../services/registry/registry.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../../assert.ts";

/** Registries that a case is tried on. */
export interface World {
  /** Where things are registered. */
  readonly here: Registry;
  /** What else may see them: another runner's, or the same. */
  readonly there: Registry;
  /** Let so many milliseconds pass. */
  pass(ms: number): Promise<void>;
}

/** What any registry must do, whatever keeps it. */
export const registrySuite: Readonly<Record<string, (world: World) => Promise<void>>> = {
  async "an instance is found with all that was said of it"({ here, there }) {
    const { instance } = await here.register({
      service: "web",
      id: "web-1",
      endpoint: "tcp:10.0.0.5:8080",
      tags: ["b", "a", "b"],
      metadata: { path: "/x" },
      weight: 3,
    });
    const found = await find(there, "web-1");
    assertEquals(found, {
      service: "web",
      id: "web-1",
      endpoint: "tcp:10.0.0.5:8080",
      node: here.node,
      tags: ["a", "b"],
      metadata: { path: "/x" },
      state: "ready",
      weight: 3,
      created: instance.created,
      modified: instance.modified,
    });
    assertEquals(here.list("web"), [found]);
    assertEquals(here.list("mail"), []);
    assert(here.revision >= instance.modified);
  },

  async "what is registered is found here as soon as that is done, and no more once it is taken out"(
    { here },
  ) {
    const registration = await here.register({ service: "web", endpoint: "tcp:10.0.0.5:80" });
    assertEquals(here.resolve("web"), registration.instance);
    await registration.deregister();
    assertEquals(here.resolve("web"), null);
    assertEquals(here.list(), []);
    assert(registration.ended.aborted);
    await registration.deregister();
    await assertRejects(() => registration.update({ weight: 2 }), Error, "it has ended");
  },

  async "ids are made up, and are different"({ here }) {
    const one = await here.register({ service: "web", endpoint: "tcp:10.0.0.5:80" });
    const two = await here.register({ service: "web", endpoint: "tcp:10.0.0.6:80" });
    assert(one.instance.id !== two.instance.id);
    assertEquals(here.list("web").map(({ id }) => id), [one.instance.id, two.instance.id].sort());
  },

  async "an id that is taken is refused"({ here }) {
    await here.register({ service: "web", id: "one", endpoint: "tcp:10.0.0.5:80" });
    await assertRejects(
      () => here.register({ service: "mail", id: "one", endpoint: "tcp:10.0.0.5:25" }),
      RangeError,
      `the id "one" is another's`,
    );
    assertEquals(here.list().map(({ service }) => service), ["web"]);
  },

  async "what is malformed is refused, and said to be"({ here }) {
    const good = { service: "web", endpoint: "tcp:10.0.0.5:80" };
    const cases: [object, string][] = [
      [{ service: "Web" }, `its service "Web" must be a DNS label`],
      [{ service: "a".repeat(64) }, "63 at most"],
      [{ id: "a b" }, `its id "a b" must be 1 to 255 visible ASCII characters`],
      [{ endpoint: "tcp:10.0.0.5" }, "its endpoint: Cannot parse endpoint"],
      [{ weight: -1 }, `its weight "-1" must be an integer from 0 to 65535`],
      [{ weight: 0.5 }, "must be an integer"],
      [{ state: "gone" }, `its state "gone" must be ready, draining or failed`],
      [{ tags: [""] }, "its tags must be a list of texts"],
      [{ metadata: { a: "x".repeat(5000) } }, "more than 4096 characters"],
      [{ ttl: 0 }, `its ttl "0" must be milliseconds, more than 0`],
    ];
    for (const [change, message] of cases) {
      const error = await assertRejects(() => here.register({ ...good, ...change }), RangeError);
      assertStringIncludes(error.message, message);
    }
    assertEquals(here.list(), []);
  },

  async "a change is a new revision of the same instance"({ here, there }) {
    const registration = await here.register({ service: "web", id: "one", endpoint: "tcp:10.0.0.5:80" });
    const { created, modified } = registration.instance;
    await registration.update({ state: "draining", weight: 5 });
    assertEquals(registration.instance.created, created);
    assert(registration.instance.modified > modified);
    const found = await find(there, "one", ({ state }) => state === "draining");
    assertEquals(found, { ...registration.instance });
    assertEquals([found.weight, found.endpoint], [5, "tcp:10.0.0.5:80"]);
  },

  async "a change is refused that was thought of before another one"({ here }) {
    const registration = await here.register({ service: "web", id: "one", endpoint: "tcp:10.0.0.5:80" });
    const { modified } = registration.instance;
    await registration.update({ weight: 2 }, { ifModified: modified });
    await assertRejects(() => registration.update({ weight: 3 }, { ifModified: modified }), RegistryConflict);
    assertEquals(here.list()[0]!.weight, 2);
  },

  async "a watch tells what is there, then what changes, in the order of revisions"({ here, there }) {
    const web = await here.register({ service: "web", id: "web", endpoint: "tcp:10.0.0.5:80" });
    await find(there, "web");
    using watch = reading(there.watch());
    const snapshot = await watch.next() as RegistrySnapshot;
    assertEquals([snapshot.kind, snapshot.stale], ["snapshot", false]);
    assertEquals(snapshot.instances.map(({ id }) => id), ["web"]);
    const mail = await here.register({ service: "mail", id: "mail", endpoint: "tcp:10.0.0.5:25" });
    await web.update({ state: "failed" });
    await mail.deregister();
    const changes = [await watch.next(), await watch.next(), await watch.next()] as RegistryChange[];
    assertEquals(changes.map(({ kind, instance }) => `${kind} ${instance.id} ${instance.state}`), [
      "put mail ready",
      "put web failed",
      "delete mail ready",
    ]);
    const revisions = [snapshot, ...changes].map(({ revision }) => revision);
    assertEquals(revisions, revisions.toSorted((a, b) => a - b));
    assertEquals(new Set(revisions).size, 4);
  },

  async "a watch of one service hears of no other"({ here, there }) {
    using watch = reading(there.watch({ service: "web" }));
    await watch.next();
    await here.register({ service: "mail", endpoint: "tcp:10.0.0.5:25" });
    await here.register({ service: "web", id: "web", endpoint: "tcp:10.0.0.5:80" });
    assertEquals((await watch.next() as RegistryChange).instance.id, "web");
  },

  async "a watch resumes after a revision, and misses nothing"({ here, there }) {
    const one = await here.register({ service: "web", id: "one", endpoint: "tcp:10.0.0.5:80" });
    await here.register({ service: "web", id: "two", endpoint: "tcp:10.0.0.6:80" });
    await find(there, "two");
    using watch = reading(there.watch({ after: one.instance.modified }));
    const change = await watch.next() as RegistryChange;
    assertEquals([change.kind, change.instance.id], ["put", "two"]);
  },

  async "a watch after a revision that nobody knows begins with a snapshot"({ here, there }) {
    const { instance } = await here.register({ service: "web", id: "one", endpoint: "tcp:10.0.0.5:80" });
    await find(there, "one");
    using watch = reading(there.watch({ after: instance.modified + 1_000_000 }));
    assertEquals((await watch.next()).kind, "snapshot");
  },

  async "a watch ends with its signal, and when its reader leaves"({ here }) {
    const controller = new AbortController();
    const watch = here.watch({ signal: controller.signal })[Symbol.asyncIterator]();
    await watch.next();
    const waiting = watch.next();
    controller.abort();
    assertEquals((await waiting).done, true);
    for await (const { kind } of here.watch()) {
      assertEquals(kind, "snapshot");
      break;
    }
  },

  async "an instance whose lease is not renewed goes, and one that is renewed stays"({ here, there, pass }) {
    const mortal = await here.register({ service: "web", id: "a", endpoint: "tcp:10.0.0.5:80", ttl: 300 });
    const lively = await here.register({ service: "web", id: "b", endpoint: "tcp:10.0.0.6:80", ttl: 300 });
    await find(there, "b");
    await pass(200);
    lively.renew();
    await pass(200);
    await until(there, (instances) => instances.length === 1);
    assertEquals(there.list().map(({ id }) => id), ["b"]);
    assert(mortal.ended.aborted);
    assert(!lively.ended.aborted);
    await lively.deregister();
  },

  async "only what is ready and has weight is resolved"({ here, there }) {
    await here.register({ service: "web", id: "a", endpoint: "tcp:10.0.0.5:80", state: "draining" });
    await here.register({ service: "web", id: "b", endpoint: "tcp:10.0.0.6:80", weight: 0 });
    const c = await here.register({ service: "web", id: "c", endpoint: "tcp:10.0.0.7:80", state: "failed" });
    await find(there, "c");
    assertEquals(there.resolve("web"), null);
    await c.update({ state: "ready" });
    await find(there, "c", ({ state }) => state === "ready");
    assertEquals(there.resolve("web")?.id, "c");
    assertEquals(there.resolve("mail"), null);
  },

  async "datagrams and connections are resolved apart"({ here }) {
    await here.register({ service: "echo", id: "a", endpoint: "udp:10.0.0.5:7" });
    assertEquals(here.resolve("echo"), null);
    assertEquals(here.resolve("echo", "datagram")?.id, "a");
  },

  async "what has failed is avoided; when all have, the one longest ago is tried"({ here, there }) {
    const ids = ["a", "b", "c"];
    for (const id of ids) await here.register({ service: "web", id, endpoint: `tcp:${id}.example.org:80` });
    await find(there, "c");
    const instances = new Map(there.list("web").map((instance) => [instance.id, instance]));
    there.report(instances.get("b")!, "failed");
    there.report(instances.get("a")!, "failed");
    assertEquals(there.resolve("web")!.id, "c");
    there.report(instances.get("c")!, "failed");
    assertEquals(there.resolve("web")!.id, "b");
    there.report(instances.get("b")!, "failed");
    assertEquals(there.resolve("web")!.id, "a");
    there.report(instances.get("b")!, "ok");
    assertEquals(there.resolve("web")!.id, "b");
  },

  async "one at a time leads, and each with a higher token than the one before"({ here, there }) {
    const first = await here.elect("cron");
    let won = false;
    const second = there.elect("cron").then((leadership) => (won = true, leadership));
    const other = await there.elect("reports");
    assert(!won);
    assert(!first.lost.aborted);
    await first.resign();
    assert(first.lost.aborted);
    const next = await second;
    assert(next.fencingToken > first.fencingToken);
    await Promise.all([next.resign(), other.resign()]);
  },

  async "who gives up the wait does not lead"({ here, there }) {
    const first = await here.elect("cron");
    const controller = new AbortController();
    const second = there.elect("cron", { signal: controller.signal });
    controller.abort(new Error("no longer"));
    await assertRejects(() => second, Error, "no longer");
    await first.resign();
    await (await there.elect("cron")).resign();
  },

  async "leadership that could not be given up in time is refused"({ here }) {
    await assertRejects(
      () => here.elect("cron", { ttl: 3000, stopTimeout: 3000 }),
      RangeError,
      "its stopTimeout of 3000 ms must be shorter than its ttl of 3000 ms",
    );
  },
};

/** Wait until the instance `id` is there, and `fits`. */
export async function find(
  registry: Registry,
  id: string,
  fits: (instance: RegistryInstance) => boolean = () => true,
): Promise<RegistryInstance> {
  const found = (instances: readonly RegistryInstance[]) => instances.find((it) => it.id === id && fits(it));
  await until(registry, (instances) => found(instances) !== undefined);
  return found(registry.list())!;
}

/** Wait until the registry's instances are as wished. */
export async function until(
  registry: Registry,
  wished: (instances: readonly RegistryInstance[]) => boolean,
): Promise<void> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), 20_000);
  try {
    for await (const _ of registry.watch({ signal: deadline.signal })) if (wished(registry.list())) return;
  } finally {
    clearTimeout(timer);
  }
  const found = JSON.stringify(registry.list()).slice(0, 1_000);
  throw new Error(`Within 20 s it did not come to what was wished for: ${found}`);
}

/** A watch, read one by one. */
export function reading(watch: AsyncIterable<RegistrySnapshot | RegistryChange>): Disposable & {
  next(): Promise<RegistrySnapshot | RegistryChange>;
} {
  const iterator = watch[Symbol.asyncIterator]();
  return {
    async next() {
      const { value, done } = await iterator.next();
      if (done === true) throw new Error("The watch has ended");
      return value;
    },
    [Symbol.dispose]: () => void iterator.return?.(),
  };
}
