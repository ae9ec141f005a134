import { Scene } from "../../acceptance/_scene.ts";
import { assert } from "../../assert.ts";
import { Etcd, withoutEtcd } from "../../support/etcd.ts";

const JOBS = new URL("../../../examples/fleet/jobs.ts", import.meta.url).pathname;

Deno.test({
  name: "a singleton in a process of its own has its fencing token, and waits like any other",
  ignore: withoutEtcd,
  async fn() {
    await using etcd = await Etcd.start();
    await using scene = new Scene(`name: isolated
services:
  registry:
    plugin: discovery
    options: { backend: { etcd: ["${etcd.url}"], ttl: 3s } }
  jobs: { plugin: "${JOBS}", singleton: true, isolate: process, needs: [registry], stopTimeout: 1s }
`);
    await using first = scene.serve();
    const won = await first.record(({ message }) => message === "The jobs run here");
    await using second = scene.serve();
    await second.ready();
    first.kill("SIGTERM");
    const taken = await second.record(({ message }) => message === "The jobs run here");
    assert(taken.fencingToken as number > (won.fencingToken as number));
  },
});
