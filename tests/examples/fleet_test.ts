import { assert, assertEquals } from "../assert.ts";
import { Etcd, withoutEtcd } from "../support/etcd.ts";
import type { HeddleProcess } from "../support/heddle_process.ts";
import { endpointsOf, serveExample } from "./_example.ts";

Deno.test({
  name: "examples/fleet: two runners see each other's services, and swap what runs once",
  ignore: withoutEtcd,
  async fn() {
    await using etcd = await Etcd.start();
    await using first = serveExample("fleet/app.yaml", { ETCD: etcd.url });
    const [one] = await endpointsOf(first, "web");
    const before = await token(first);
    await using second = serveExample("fleet/app.yaml", { ETCD: etcd.url });
    const [other] = await endpointsOf(second, "web");
    await second.record(({ message }) => message === "Application ready");
    const both = [`${one} ready`, `${other} ready`].sort();
    await answer(one!, both);
    await answer(other!, both);

    const begin = performance.now();
    first.kill("SIGKILL");
    const after = await token(second);
    const took = performance.now() - begin;
    assert(after > before, "the fencing token rises");
    assert(took < 3_000 + 1_000, `it took ${took} ms: more than the ttl and a second`);
    await answer(other!, [`${other} ready`]);

    // In order it goes at once.
    await using third = serveExample("fleet/app.yaml", { ETCD: etcd.url });
    await endpointsOf(third, "web");
    second.kill("SIGTERM");
    assert(await token(third) > after);
    assertEquals(await second.ended(), 0);
  },
});

/** The token by which a runner has got the jobs. */
async function token(runner: HeddleProcess): Promise<number> {
  return (await runner.record(({ message }) => message === "The jobs run here")).fencingToken as number;
}

/** Wait until the web at `endpoint` knows these. */
async function answer(endpoint: string, expected: readonly string[]): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const text = await (await fetch(endpoint.replace("tcp:", "http://"))).text();
    if (text === expected.map((line) => `${line}\n`).join("")) return;
    assert(
      performance.now() < deadline,
      `it knows ${JSON.stringify(text)}, and not ${JSON.stringify(expected)}`,
    );
  }
}
