import { Etcd, withoutEtcd } from "../../tests/support/etcd.ts";
import type { Report } from "../harness/report.ts";
import type { Suite } from "../harness/suite.ts";
import { dnsReport } from "./discovery/dns.ts";
import { manyInstances } from "./discovery/many_instances.ts";
import { takeover } from "./discovery/takeover.ts";
import { watching } from "./discovery/watching.ts";

/** Services found by name: by DNS, in the registry itself, and in the fleet's in etcd. */
export const suite: Suite = {
  summary: "Discovery",
  async run(settings) {
    const reports: Report[] = [await dnsReport(settings), await manyInstances(settings)];
    if (withoutEtcd) reports.push(notMeasured("apt-get install etcd-server"));
    else {
      await using etcd = await Etcd.start();
      reports.push(await watching(etcd.url, settings), await takeover(etcd.url, settings));
    }
    return {
      tables: reports.flatMap(({ tables }) => tables),
      goals: reports.flatMap(({ goals }) => goals),
    };
  },
};

function notMeasured(install: string): Report {
  const target = { atMost: 1.3 };
  return {
    tables: [],
    goals: [{ measure: "change in etcd to watcher", value: null, unit: install, target }],
  };
}
