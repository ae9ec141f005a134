import { type EtcdRegistry, openEtcd } from "../../../plugins/discovery/etcd/etcd_registry.ts";
import { backendOptions } from "../../../plugins/discovery/etcd/options.ts";
import { SystemTime } from "../../../services/async/system_time.ts";
import { silentLogger } from "../../../services/log.ts";
import { registrySuite, until } from "../../services/registry/registry_suite.ts";
import { Etcd, withoutEtcd } from "../../support/etcd.ts";

Deno.test({
  name: "etcd registry",
  ignore: withoutEtcd,
  async fn(t) {
    await using etcd = await Etcd.start();
    let cases = 0;
    for (const [name, run] of Object.entries(registrySuite)) {
      await t.step(name, async () => {
        const prefix = `fleet-${++cases}`;
        await using here = await join(etcd.url, prefix, "here");
        await using there = await join(etcd.url, prefix, "there");
        for (const each of [here, there]) await until(each, () => !each.stale);
        await run({ here, there, pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) });
      });
    }
  },
});

function join(url: string, prefix: string, node: string): Promise<EtcdRegistry> {
  const time = new SystemTime((error) => console.error(error));
  return openEtcd(backendOptions.parse({ etcd: [url], prefix }), { time, log: silentLogger, node });
}
