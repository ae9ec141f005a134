import { type Contender, missingRow, presentContenders } from "../harness/contender.ts";
import { flood, FLOOD_COLUMNS, floodRow, throughput } from "../harness/flood.ts";
import { nodeContender, twistedContender } from "../harness/peers.ts";
import { interleave } from "../harness/rounds.ts";
import { denoCommand } from "../harness/run_process.ts";
import { ratioOf } from "../harness/statistics.ts";
import type { Suite } from "../harness/suite.ts";

const RAW: Contender = { name: "raw Deno loop", command: denoCommand("contenders/raw_datagrams.ts") };
const HEDDLE: Contender = {
  name: "Heddle, keeps",
  command: denoCommand("contenders/heddle_datagrams.ts", "keep"),
};
const LENDING: Contender = {
  name: "Heddle, borrows",
  command: denoCommand("contenders/heddle_datagrams.ts", "lend"),
};
const TWISTED = twistedContender("contenders/twisted_echo.py", "udp");
const NODE = { ...nodeContender("contenders/node_datagrams.mjs"), name: "Node dgram" };

const SENDERS = 50;
const SIZE = 64;

/** UDP echo beside a hand-written loop, Twisted and Node. */
export const suite: Suite = {
  summary: "UDP echo",
  async run({ rounds, seconds, progress }) {
    const { present, missing } = await presentContenders([RAW, HEDDLE, LENDING, TWISTED, NODE]);
    const outcomes = await interleave(present, rounds, (contender, round) => {
      progress(`datagram: ${contender.name}, round ${round + 1}`);
      return flood(contender, { connections: SENDERS, size: SIZE, seconds, kind: "datagram" });
    });
    const raw = outcomes.get(RAW)!;
    const ratio = ratioOf(outcomes.get(HEDDLE)!.map(throughput), raw.map(throughput)).median;
    return {
      tables: [{
        title: `UDP echo, ${SIZE} B, ${SENDERS} senders`,
        columns: FLOOD_COLUMNS,
        rows: [
          ...present.map((contender) => floodRow(contender.name, outcomes.get(contender)!, raw)),
          ...missing.map((contender) => missingRow(contender, FLOOD_COLUMNS.length)),
        ],
      }],
      goals: [{
        measure: `UDP echo: throughput, ${HEDDLE.name} / raw`,
        value: ratio,
        unit: "x",
        target: { atLeast: 0.95 },
      }],
    };
  },
};
