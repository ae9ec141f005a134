import { type Contender, missingRow, presentContenders, startContender } from "../harness/contender.ts";
import { ECHO_SERVERS } from "../harness/echo_servers.ts";
import { openFilesLimit } from "../harness/process_usage.ts";
import { figure, type Goal, spreadFigure } from "../harness/report.ts";
import { interleave } from "../harness/rounds.ts";
import { denoCommand, runProcess } from "../harness/run_process.ts";
import { type Spread, spreadOf } from "../harness/statistics.ts";
import type { Suite } from "../harness/suite.ts";
import type { HoldOutcome } from "../load/hold.ts";

const WANTED = 9_000;
/** Descriptors that a process needs beside its connections. */
const SPARE = 200;
const BURST = 60_000;
const IDLE_KIB = 10;
const AFTER_BURST_KIB = 14;

/** What an idle connection costs in memory, before and after it had much to say. */
export const suite: Suite = {
  summary: "Memory per connection",
  async run({ rounds, progress }) {
    const connections = Math.min(WANTED, openFilesLimit() - SPARE);
    const { raw, keep, lend, twisted, node } = ECHO_SERVERS;
    const { present, missing } = await presentContenders([raw, keep, lend, twisted, node]);
    const outcomes = await interleave(present, rounds, (contender, round) => {
      progress(`memory: ${contender.name}, round ${round + 1}`);
      return hold(contender, connections);
    });
    const columns = ["server", "idle, KiB each", "after a burst of 60 kB, KiB each", "process before, MiB"];
    const perConnection = (contender: Contender, of: (outcome: HoldOutcome) => number): Spread =>
      spreadOf(
        outcomes.get(contender)!.map((outcome) => (of(outcome) - outcome.before) / connections / 1024),
      );
    const rows = present.map((contender) => [
      contender.name,
      spreadFigure(perConnection(contender, ({ idle }) => idle)),
      spreadFigure(perConnection(contender, ({ afterBurst }) => afterBurst)),
      figure(spreadOf(outcomes.get(contender)!.map(({ before }) => before / 2 ** 20)).median),
    ]);
    const goals = [keep, lend].flatMap((contender): Goal[] => [
      {
        measure: `Memory per idle connection, ${contender.name}`,
        value: perConnection(contender, ({ idle }) => idle).median,
        unit: " KiB",
        target: { atMost: IDLE_KIB },
      },
      {
        measure: `Memory per connection after a burst, ${contender.name}`,
        value: perConnection(contender, ({ afterBurst }) => afterBurst).median,
        unit: " KiB",
        target: { atMost: AFTER_BURST_KIB },
      },
    ]);
    return {
      tables: [{
        title: `Memory, ${figure(connections)} connections`,
        columns,
        rows: [...rows, ...missing.map((contender) => missingRow(contender, columns.length))],
        notes: [
          "Growth of the server's resident memory, divided by the number of connections.",
          ...(connections < WANTED
            ? [`Fewer than ${figure(WANTED)}: this process may open ${openFilesLimit()} files (ulimit -n).`]
            : []),
        ],
      }],
      goals,
    };
  },
};

async function hold(contender: Contender, connections: number): Promise<HoldOutcome> {
  await using server = await startContender(contender);
  const command = denoCommand("load/hold.ts", server.pid, server.port, connections, BURST);
  return JSON.parse(await runProcess(command, 120_000));
}
