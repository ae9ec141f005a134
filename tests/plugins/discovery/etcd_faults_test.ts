import type { RegistryChange } from "../../../services/registry/registry.ts";
import { assert, assertEquals, assertStringIncludes } from "../../assert.ts";
import { find, reading, until } from "../../services/registry/registry_suite.ts";
import { makeCertificates, withoutOpenssl } from "../../support/certificates.ts";
import { Etcd, withoutEtcd } from "../../support/etcd.ts";
import { TcpProxy } from "../../support/tcp_proxy.ts";
import { join, Registrant } from "./_fleet.ts";

/** Milliseconds: the shortest that etcd is sure to grant. */
const TTL = 2_000;

const WEB = { service: "web", id: "web", endpoint: "tcp:10.0.0.5:80" } as const;

Deno.test({
  name: "a fleet survives what befalls it",
  ignore: withoutEtcd,
  async fn(t) {
    await using etcd = await Etcd.start();
    const urls = [etcd.url];

    await t.step(
      "kill -9 of a registrant: others are told, and lead, within its TTL and a second",
      async () => {
        const prefix = "killed";
        await using there = await join({ urls, prefix, node: "there" });
        await using registrant = new Registrant({ urls, prefix, node: "here", ttl: "2s" });
        await registrant.ready();
        await find(there, "web");
        const waiting = there.elect("cron");
        const begin = performance.now();
        await registrant.kill();
        await until(there, (instances) => instances.length === 0);
        // The election has the default time of the registry that it was held in.
        const leadership = await waiting;
        const took = performance.now() - begin;
        assert(took < TTL + 1_000, `it took ${took} ms`);
        await leadership.resign();
      },
    );

    await t.step(
      "an instance id that comes back is taken over, and outlives the lease of its first life",
      async () => {
        const prefix = "back";
        await using there = await join({ urls, prefix, node: "there" });
        await using first = new Registrant({ urls, prefix, node: "here", ttl: "2s" });
        await first.ready();
        await first.kill();
        await using here = await join({ urls, prefix, node: "here" });
        using watch = reading(there.watch());
        await watch.next();
        const again = await here.register({ ...WEB, weight: 2 });
        assertEquals((await watch.next() as RegistryChange).instance.weight, 2);
        await new Promise((resolve) => setTimeout(resolve, TTL + 1_000));
        assertEquals(there.list("web"), [again.instance]);
        await again.update({ weight: 3 });
        const next = await watch.next() as RegistryChange;
        assertEquals([next.kind, next.instance.weight], ["put", 3], "nothing came between");
      },
    );

    await t.step(
      "somebody deletes our key, or our lease: it comes back, and stays gone once taken out",
      async () => {
        const prefix = "deleted";
        await using here = await join({ urls, prefix, node: "here" });
        await using there = await join({ urls, prefix, node: "there" });
        const registration = await here.register(WEB);
        await find(there, "web");
        using watch = reading(there.watch());
        await watch.next();
        await etcd.call("kv/deleterange", { key: btoa(`${prefix}/instances/web`) });
        const kinds = [(await watch.next()).kind, (await watch.next()).kind];
        const { leases } = await etcd.call("lease/leases", {}) as unknown as { leases: { ID: string }[] };
        for (const { ID } of leases) await etcd.call("lease/revoke", { ID });
        kinds.push((await watch.next()).kind, (await watch.next()).kind);
        assertEquals(kinds, ["delete", "put", "delete", "put"]);
        await find(here, "web");
        await registration.deregister();
        await until(there, (instances) => instances.length === 0);
        assertEquals((await watch.next()).kind, "delete");
      },
    );

    await t.step("a cut that outlasts the compaction: everything agrees afterwards", async () => {
      const prefix = "compacted";
      await using proxy = new TcpProxy(etcd.url);
      await using here = await join({ urls, prefix, node: "here" });
      await using there = await join({ urls: [proxy.url], prefix, node: "there" });
      const web = await here.register(WEB);
      const gone = await here.register({ ...WEB, id: "gone" });
      await until(there, (instances) => instances.length === 2);
      proxy.cut();
      await until(there, () => there.stale);
      assertEquals(there.list().length, 2, "what was last known is told");
      assertEquals(there.resolve("web")?.service, "web");
      await gone.deregister();
      for (let weight = 2; weight < 6; weight++) await web.update({ weight });
      await here.register({ ...WEB, id: "new" });
      await etcd.compact();
      proxy.mend();
      await until(there, () => !there.stale);
      assertEquals(there.list(), here.list());
      assertEquals(there.list().map(({ id, weight }) => `${id} ${weight}`), ["new 1", "web 5"]);
    });

    await t.step("a cut within the compaction window: no change is missed", async () => {
      const prefix = "cut";
      await using proxy = new TcpProxy(etcd.url);
      await using here = await join({ urls, prefix, node: "here" });
      await using there = await join({ urls: [proxy.url], prefix, node: "there" });
      const web = await here.register(WEB);
      await find(there, "web");
      using watch = reading(there.watch());
      await watch.next();
      proxy.cut();
      for (let weight = 2; weight < 5; weight++) await web.update({ weight });
      proxy.mend();
      const weights: number[] = [];
      while (weights.length < 3) {
        const next = await watch.next();
        if (next.kind !== "snapshot") weights.push(next.instance.weight);
      }
      assertEquals(weights, [2, 3, 4]);
    });

    await t.step("a watch that has died without a word is replaced, and nothing is missed", async () => {
      const prefix = "stalled";
      await using proxy = new TcpProxy(etcd.url);
      await using here = await join({ urls, prefix, node: "here" });
      await using there = await join({ urls: [proxy.url], prefix, node: "there" });
      const web = await here.register(WEB);
      await find(there, "web");
      using watch = reading(there.watch({ after: there.revision }));
      proxy.stall();
      for (let weight = 2; weight < 5; weight++) await web.update({ weight });
      const weights: number[] = [];
      while (weights.length < 3) weights.push((await watch.next() as RegistryChange).instance.weight);
      assertEquals(weights, [2, 3, 4]);
    });

    await t.step("what is taken out while etcd is away is gone when it is back", async () => {
      const prefix = "away";
      await using proxy = new TcpProxy(etcd.url);
      await using here = await join({ urls: [proxy.url], prefix, node: "here" });
      await using there = await join({ urls, prefix, node: "there" });
      const web = await here.register(WEB);
      await find(there, "web");
      proxy.cut();
      await until(here, () => here.stale);
      const begin = performance.now();
      await web.deregister();
      assert(performance.now() - begin < 200, "nobody waits for an etcd that is away");
      const controller = new AbortController();
      const waiting = here.register({ ...WEB, id: "late" });
      const givenUp = here.register({ ...WEB, id: "never", signal: controller.signal }).catch((error) =>
        error
      );
      controller.abort(new Error("no longer"));
      assertEquals((await givenUp).message, "no longer");
      proxy.mend();
      await waiting;
      await until(there, (instances) => instances.map(({ id }) => id).join() === "late");
      const warnings = here.log.records.filter(({ level }) => level === "warn").map(({ message }) => message);
      assertEquals(warnings, ["etcd cannot be reached: what is told is what was last known"]);
    });

    await t.step(
      "a leader that etcd does not confirm stops in time, and only then is there another",
      async () => {
        const prefix = "led";
        await using proxy = new TcpProxy(etcd.url);
        await using here = await join({ urls: [proxy.url], prefix, node: "here" });
        await using there = await join({ urls, prefix, node: "there" });
        const leadership = await here.elect("cron", { ttl: TTL, stopTimeout: 1_000 });
        await new Promise((resolve) => setTimeout(resolve, TTL));
        assert(!leadership.lost.aborted, "a leader that is confirmed goes on");
        const next = there.elect("cron");
        next.catch(() => {});
        const begin = performance.now();
        proxy.cut();
        await new Promise((resolve) => leadership.lost.addEventListener("abort", resolve));
        const lostAfter = performance.now() - begin;
        // The last keep-alive was sent up to a third of the time before the cut.
        assert(lostAfter > 200 && lostAfter <= 1_050, `lost after ${lostAfter} ms`);
        assertStringIncludes(String(leadership.lost.reason), "etcd did not confirm it in time");
        const successor = await next;
        const wonAfter = performance.now() - begin;
        assert(wonAfter > lostAfter + 900, `lost after ${lostAfter} ms, won after ${wonAfter} ms`);
        assert(successor.fencingToken > leadership.fencingToken);
        await successor.resign();
      },
    );

    await t.step("what is taken out while etcd is away, and registered again, stays", async () => {
      const prefix = "again";
      await using proxy = new TcpProxy(etcd.url);
      await using here = await join({ urls: [proxy.url], prefix, node: "here" });
      await using there = await join({ urls, prefix, node: "there" });
      const web = await here.register(WEB);
      await find(there, "web");
      using watch = reading(there.watch({ after: there.revision }));
      proxy.cut();
      await until(here, () => here.stale);
      await web.deregister();
      const again = here.register({ ...WEB, weight: 2 });
      proxy.mend();
      await (await again).update({ weight: 3 });
      const kinds: string[] = [];
      for (let weight = 0; weight !== 3;) {
        const change = await watch.next() as RegistryChange;
        kinds.push(change.kind);
        weight = change.instance.weight;
      }
      // The first may have been under way.
      assertEquals(kinds.slice(kinds.indexOf("put")), ["put", "put"]);
    });

    await t.step("a slow etcd: everything works, slowly, and who leads goes on to", async () => {
      const prefix = "slow";
      await using proxy = new TcpProxy(etcd.url);
      proxy.delay = 150;
      await using here = await join({ urls: [proxy.url], prefix, node: "here", ttl: "2s" });
      await using there = await join({ urls, prefix, node: "there" });
      const web = await here.register(WEB);
      const leadership = await here.elect("cron", { ttl: TTL, stopTimeout: 500 });
      await new Promise((resolve) => setTimeout(resolve, TTL + 500));
      assert(!leadership.lost.aborted && !here.stale);
      assertEquals(there.list(), [web.instance]);
      await leadership.resign();
    });

    await t.step("a member that does not answer makes way for the next", async () => {
      const prefix = "members";
      await using dead = new TcpProxy(etcd.url);
      await using first = new TcpProxy(etcd.url);
      dead.cut();
      await using here = await join({ urls: [dead.url, first.url, etcd.url], prefix, node: "here" });
      const web = await here.register(WEB);
      first.cut();
      await web.update({ weight: 2 });
      assertEquals(here.list()[0]!.weight, 2);
    });

    await t.step("what listens on loopback is seen on its machine alone", async () => {
      const prefix = "loopback";
      await using here = await join({ urls, prefix, node: "here" });
      await using besides = await join({ urls, prefix, node: "here" });
      await using there = await join({ urls, prefix, node: "there" });
      await here.register({ ...WEB, id: "local", endpoint: "tcp:127.0.0.1:80" });
      await here.register({ ...WEB, id: "socket", endpoint: "unix:/run/web.sock" });
      await here.register(WEB);
      await find(there, "web");
      assertEquals(there.list().map(({ id }) => id), ["web"]);
      await find(besides, "web");
      assertEquals(besides.list().map(({ id }) => id), ["local", "socket", "web"]);
    });

    await t.step("10,000 instances: others know them all, and choose among them", async () => {
      const prefix = "many";
      await using here = await join({ urls, prefix, node: "here", ttl: "15s" });
      await using there = await join({ urls, prefix, node: "there" });
      const all = Array.from({ length: 10_000 }, (_, i) => ({
        service: `service-${i % 100}`,
        id: `instance-${i}`,
        endpoint: `tcp:10.0.${i >> 8}.${i & 255}:80`,
      }));
      await Promise.all(all.slice(0, 1_000).map((each) => here.register(each)));
      // The rest is others' work, and written as they would, a hundred at a time.
      for (let i = 1_000; i < all.length; i += 100) {
        const puts = all.slice(i, i + 100).map((each) => ({
          key: btoa(`${prefix}/instances/${each.id}`),
          value: btoa(JSON.stringify({ ...each, node: "elsewhere", session: "another" })),
        }));
        await etcd.call("kv/txn", { success: puts.map((request_put) => ({ request_put })) });
      }
      await until(there, (instances) => instances.length === 10_000);
      assertEquals(there.resolve("service-7")?.service, "service-7");
      await using late = await join({ urls, prefix, node: "late" });
      await until(late, (instances) => instances.length === 10_000);
      assertEquals(late.list(), there.list());
    });
  },
});

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  Deno.test({
    name: `${signal} and restart of etcd: the watch is live within 3 s, and nothing is missed`,
    ignore: withoutEtcd,
    async fn() {
      await using etcd = await Etcd.start();
      const common = { urls: [etcd.url], prefix: "restarted" };
      await using here = await join({ ...common, node: "here" });
      await using there = await join({ ...common, node: "there" });
      const web = await here.register(WEB);
      await find(there, "web");
      const leadership = await here.elect("cron", { ttl: 15_000 });
      await etcd.stop(signal);
      await until(there, () => there.stale);
      assertEquals(there.resolve("web")?.id, "web");
      await etcd.start();
      const begin = performance.now();
      await web.update({ weight: 2 });
      await find(there, "web", ({ weight }) => weight === 2);
      const took = performance.now() - begin;
      assert(took < 3_000, `it took ${took} ms`);
      assert(!leadership.lost.aborted, "its lease has outlived the restart");
      assertEquals(there.list(), here.list());
    },
  });
}

Deno.test({
  name: "etcd with users: a token that is no longer good is replaced; a wrong password is said to be",
  ignore: withoutEtcd,
  async fn() {
    await using etcd = await Etcd.start();
    await etcd.call("auth/user/add", { name: "root", password: "secret" });
    await etcd.call("auth/user/grant", { user: "root", role: "root" });
    await etcd.call("auth/enable", {});
    const common = { urls: [etcd.url], prefix: "users", user: "root" };
    await using here = await join({ ...common, node: "here", password: "secret" });
    await using wrong = await join({ ...common, node: "there", password: "wrong" });
    const web = await here.register(WEB);
    await until(wrong, () => wrong.log.records.length > 0);
    assertStringIncludes(String(wrong.log.records[0]!.fields?.error), "authentication failed");
    // Simple tokens do not outlive the server that gave them.
    await etcd.stop("SIGKILL");
    await etcd.start();
    await web.update({ weight: 2 });
    assertEquals(here.list()[0]!.weight, 2);
  },
});

Deno.test({
  name: "etcd over TLS, with certificates on both sides",
  ignore: withoutEtcd || withoutOpenssl,
  async fn() {
    await using certificates = await makeCertificates();
    const { authority } = certificates;
    await using etcd = await Etcd.start({ ...await certificates.issue("etcd", "etcd"), authority });
    const tls = { authorities: authority, ...await certificates.issue("us", "us") };
    await using here = await join({ urls: [etcd.url], prefix: "tls", node: "here", tls });
    await here.register(WEB);
    assertEquals(here.list().map(({ id }) => id), ["web"]);
  },
});
