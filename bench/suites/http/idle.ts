import { type Contender, missingRow, presentContenders, startContender } from "../../harness/contender.ts";
import { denoServe, engine, nginx, nodeHttp, plugin, twistedWeb } from "../../harness/http_servers.ts";
import { openFilesLimit } from "../../harness/process_usage.ts";
import { figure, type Report } from "../../harness/report.ts";
import { denoCommand, runProcess } from "../../harness/run_process.ts";
import type { Settings } from "../../harness/suite.ts";
import type { HoldHttpOutcome } from "../../load/hold_http.ts";

const WANTED = 10_000;
/** Descriptors that a process needs beside its connections. */
const SPARE = 200;
const MOST_KIB = 9;
const COLUMNS = ["server", "KiB each", "process before, MiB"];

/** What a connection costs in memory that has had a reply and waits. Once: memory hardly varies. */
export async function idle({ progress }: Settings): Promise<Report> {
  const connections = Math.min(WANTED, openFilesLimit() - SPARE);
  const ours = plugin("hello");
  const { present, missing } = await presentContenders([
    ours,
    denoServe("hello"),
    engine("hello"),
    nginx("hello"),
    nodeHttp,
    twistedWeb("hello"),
  ]);
  const rows: string[][] = [];
  let own: number | null = null;
  for (const contender of present) {
    progress(`idle connections: ${contender.name}`);
    const { before, idle } = await hold(contender, connections);
    const each = (idle - before) / connections / 1024;
    if (contender === ours) own = each;
    rows.push([contender.name, figure(each), figure(before / 2 ** 20)]);
  }
  return {
    tables: [{
      title: `${figure(connections)} idle connections, each after one request`,
      columns: COLUMNS,
      rows: [...rows, ...missing.map((contender) => missingRow(contender, COLUMNS.length))],
      notes: ["Growth of the server's resident memory, divided by the number of connections."],
    }],
    goals: [{
      measure: "HTTP: memory per idle connection",
      value: own,
      unit: " KiB",
      target: { atMost: MOST_KIB },
    }],
  };
}

async function hold(contender: Contender, connections: number): Promise<HoldHttpOutcome> {
  await using server = await startContender(contender);
  const command = denoCommand("load/hold_http.ts", server.pid, server.port, connections);
  return JSON.parse(await runProcess(command, 60_000));
}
