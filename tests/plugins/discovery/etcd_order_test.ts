import { assert, assertEquals } from "../../assert.ts";
import { Scene } from "../../acceptance/_scene.ts";
import { reading, until } from "../../services/registry/registry_suite.ts";
import { Etcd, withoutEtcd } from "../../support/etcd.ts";
import { TcpProxy } from "../../support/tcp_proxy.ts";
import { join } from "./_fleet.ts";

const APPLICATION = (url: string, listen: string) =>
  `name: shop
services:
  registry:
    plugin: discovery
    options: { node: here, backend: { etcd: ["${url}"], prefix: order, ttl: 3s } }
  web: { plugin: echo, options: { listen: "${listen}" } }
`;

Deno.test({
  name: "others are told that a service goes while its listener still accepts, however slow etcd is",
  ignore: withoutEtcd,
  async fn() {
    await using etcd = await Etcd.start();
    await using proxy = new TcpProxy(etcd.url);
    await using there = await join({ urls: [etcd.url], prefix: "order", node: "here" });
    await using scene = new Scene(APPLICATION(proxy.url, "tcp:127.0.0.1:0"));
    await using runner = scene.serve();
    const port = Number(await runner.port("web"));
    await until(there, (instances) => instances.length === 1);
    using watch = reading(there.watch({ after: there.revision }));
    // What etcd has done, the runner hears of later.
    proxy.delay = 250;
    runner.kill("SIGTERM");
    const states: string[] = [];
    for (let next = await watch.next(); next.kind !== "delete"; next = await watch.next()) {
      if (next.kind === "put") states.push(next.instance.state);
    }
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    assertEquals(states.every((state) => state === "draining"), true, states.join());
    assertEquals(await runner.ended(), 0);
  },
});

Deno.test({
  name: "an etcd that is away holds up neither the start nor the stop of an application",
  ignore: withoutEtcd,
  async fn() {
    await using etcd = await Etcd.start();
    await etcd.stop("SIGTERM");
    await using scene = new Scene(APPLICATION(etcd.url, "tcp:127.0.0.1:0"));
    await using runner = scene.serve();
    await runner.ready();
    await etcd.start();
    await using there = await join({ urls: [etcd.url], prefix: "order", node: "here" });
    await until(there, (instances) => instances.length === 1);
    await etcd.stop("SIGKILL");
    await until(there, () => there.stale);
    const begin = performance.now();
    runner.kill("SIGTERM");
    assertEquals(await runner.ended(), 0);
    const took = performance.now() - begin;
    assert(took < 5_000, `the stop took ${took} ms`);
  },
});
