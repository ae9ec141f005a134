import {
  type Contender,
  missingRow,
  presentContenders,
  type RunningContender,
  startContender,
} from "../harness/contender.ts";
import { cpuPerMessage, throughput } from "../harness/flood.ts";
import { cpuSeconds } from "../harness/process_usage.ts";
import { figure, type Goal, spreadFigure, type Table } from "../harness/report.ts";
import { interleave } from "../harness/rounds.ts";
import { denoCommand, runProcess } from "../harness/run_process.ts";
import { installForNode, type SmtpServers, smtpServers } from "../harness/smtp_servers.ts";
import { median, ratioOf, spreadOf } from "../harness/statistics.ts";
import type { Settings, Suite } from "../harness/suite.ts";
import type { SmtpOutcome } from "../load/smtp.ts";

/** A server has compiled what is hot after so long, ms. */
const WARM_UP = 1_000;
const SMALL = 4 << 10;
const LARGE = 1 << 20;
const DURABLE_CONNECTIONS = 64;
/** Messages of a run of smtp-source, and the sessions that share them. */
const SOURCE = { messages: 3_000, sessions: 20 } as const;

interface Load {
  readonly connections: number;
  readonly size: number;
  readonly kept: boolean;
}

type Outcomes = ReadonlyMap<Contender, readonly SmtpOutcome[]>;

/** Mail servers that keep nothing, and what keeping costs. */
export const suite: Suite = {
  summary: "SMTP: CPU per message, messages per second, memory, and what durability costs",
  async run(settings) {
    const folder = await Deno.makeTempDir({ prefix: "bench-node" });
    try {
      await installForNode(folder);
      const servers = smtpServers(folder);
      const parts = [
        await kept(servers, settings),
        await source(servers, settings),
        await single(servers, 20, settings),
        await single(servers, 200, settings),
        await large(servers, settings),
        await durable(servers, settings),
      ];
      return { tables: parts.map(({ table }) => table), goals: parts.flatMap(({ goals }) => goals) };
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
};

interface Part {
  readonly table: Table;
  readonly goals: readonly Goal[];
}

/** Connections that are kept, pipelined. */
async function kept(servers: SmtpServers, settings: Settings): Promise<Part> {
  const { heddle, onDeno, onNode, twisted, aiosmtpd, sink } = servers;
  const title = "SMTP discard, 4 KiB, 20 kept connections, pipelined";
  const load = { connections: 20, size: SMALL, kept: true };
  const { outcomes, table } = await flood(
    title,
    [heddle, onDeno, onNode, twisted, aiosmtpd, sink],
    load,
    settings,
  );
  const cpu = (than: Contender, atMost: number): Goal =>
    goal(`SMTP kept, 4 KiB: CPU per message, Heddle / ${than.name}`, outcomes, heddle, than, cpuPerMessage, {
      atMost,
    });
  return { table, goals: [cpu(onDeno, 0.6), cpu(twisted, 0.5), cpu(aiosmtpd, 0.25)] };
}

/** The same by a generator that is not ours, one command at a time. */
async function source(servers: SmtpServers, { rounds, progress }: Settings): Promise<Part> {
  const { present, missing } = await presentContenders([
    servers.heddle,
    servers.onDeno,
    servers.onNode,
    servers.sink,
  ]);
  const generator: Contender = {
    name: "smtp-source",
    command: [],
    probe: ["which", "smtp-source"],
    install: "apt-get install postfix",
  };
  const title = `smtp-source, 4 KiB, ${SOURCE.sessions} kept sessions, not pipelined`;
  const columns = ["server", "CPU, us per message", "messages/s"];
  if ((await presentContenders([generator])).missing.length > 0) {
    return { table: { title, columns, rows: [missingRow(generator, columns.length)] }, goals: [] };
  }
  const outcomes = await interleave(present, rounds, async (contender, round) => {
    progress(`${title}: ${contender.name}, round ${round + 1}`);
    await using server = await startContender(contender);
    await sourceRun(server);
    return await sourceRun(server);
  });
  const rows = present.map((contender) => [
    contender.name,
    spreadFigure(spreadOf(outcomes.get(contender)!.map(({ cpu }) => cpu * 1e6 / SOURCE.messages))),
    spreadFigure(spreadOf(outcomes.get(contender)!.map(({ seconds }) => SOURCE.messages / seconds))),
  ]);
  return {
    table: { title, columns, rows: [...rows, ...missing.map((each) => missingRow(each, columns.length))] },
    goals: [],
  };
}

async function sourceRun({ pid, port }: RunningContender): Promise<{ cpu: number; seconds: number }> {
  const [cpu, begin] = [cpuSeconds(pid), performance.now()];
  await runProcess([
    ...["smtp-source", "-d", "-s", SOURCE.sessions, "-m", SOURCE.messages, "-l", SMALL].map(String),
    ...["-f", "load@client.test", "-t", "sink@here.test", `127.0.0.1:${port}`],
  ], 60_000);
  return { cpu: cpuSeconds(pid) - cpu, seconds: (performance.now() - begin) / 1000 };
}

/** A connection for each message. */
async function single(servers: SmtpServers, connections: number, settings: Settings): Promise<Part> {
  const { heddle, onDeno, onNode, sink } = servers;
  const title = `SMTP discard, 4 KiB, one message per connection, ${connections} at a time`;
  const load = { connections, size: SMALL, kept: false };
  const { outcomes, table } = await flood(title, [heddle, onDeno, onNode, sink], load, settings);
  const goals = [onDeno, onNode].map((than) =>
    goal(
      `SMTP, ${connections} connections of one message: messages/s, Heddle / ${than.name}`,
      outcomes,
      heddle,
      than,
      throughput,
      { atLeast: 2 },
    )
  );
  return { table, goals };
}

/** Messages that do not fit into one read. */
async function large(servers: SmtpServers, settings: Settings): Promise<Part> {
  const { heddle, onDeno, onNode, aiosmtpd, sink } = servers;
  const load = { connections: 8, size: LARGE, kept: true };
  const title = "SMTP discard, 1 MB, 8 kept connections";
  const { outcomes, table } = await flood(title, [heddle, onDeno, onNode, aiosmtpd, sink], load, settings);
  const goals = [onDeno, onNode].map((than) =>
    goal(`SMTP 1 MB: bytes/s, Heddle / ${than.name}`, outcomes, heddle, than, throughput, { atLeast: 1.3 })
  );
  const memory = median(outcomes.get(heddle)!.map(({ memory }) => memory)) / 2 ** 20;
  // As much as the runtime has anyway, and a hundredth of what went through.
  goals.push({
    measure: "SMTP 1 MB: most memory of Heddle",
    value: memory,
    unit: " MiB",
    target: { atMost: 200 },
  });
  return { table, goals };
}

/** What is stored before the 250, beside as little of a mail server as will do. */
async function durable(servers: SmtpServers, settings: Settings): Promise<Part> {
  const { queue, maildir, bareJournal, bareMaildir, bareEach } = servers;
  const load = { connections: DURABLE_CONNECTIONS, size: SMALL, kept: true };
  const title = `SMTP durable, 4 KiB, ${DURABLE_CONNECTIONS} kept connections, pipelined`;
  const { outcomes, table } = await flood(
    title,
    [queue, bareJournal, maildir, bareMaildir, bareEach],
    load,
    settings,
  );
  const ratio = (ours: Contender, theirs: Contender, atLeast: number): Goal =>
    goal(`SMTP durable: messages/s, ${ours.name} / ${theirs.name}`, outcomes, ours, theirs, throughput, {
      atLeast,
    });
  return {
    table: {
      ...table,
      notes: [
        "The bare loops find the ends of lines and messages, write the same octets with the same syncs, and no more.",
      ],
    },
    goals: [ratio(queue, bareJournal, 0.7), ratio(queue, bareEach, 3), ratio(maildir, bareMaildir, 0.7)],
  };
}

async function flood(
  title: string,
  contenders: readonly Contender[],
  load: Load,
  { rounds, seconds, progress }: Settings,
): Promise<{ outcomes: Outcomes; table: Table }> {
  const { present, missing } = await presentContenders(contenders);
  const outcomes = await interleave(present, rounds, (contender, round) => {
    progress(`${title}: ${contender.name}, round ${round + 1}`);
    return floodOne(contender, load, seconds);
  });
  const [first] = present;
  const columns = [
    "server",
    "CPU, us per message",
    "the first's / its",
    "messages/s",
    "the first's / its",
    "most MiB",
  ];
  const rows = present.map((contender) => {
    const own = outcomes.get(contender)!;
    const measures = [cpuPerMessage, throughput].flatMap((of) => [
      spreadFigure(spreadOf(own.map(of))),
      figure(ratioOf(outcomes.get(first!)!.map(of), own.map(of)).median),
    ]);
    return [contender.name, ...measures, figure(median(own.map(({ memory }) => memory)) / 2 ** 20)];
  });
  const absent = missing.map((contender) => missingRow(contender, columns.length));
  return { outcomes, table: { title, columns, rows: [...rows, ...absent] } };
}

async function floodOne(contender: Contender, load: Load, seconds: number): Promise<SmtpOutcome> {
  await using server = await startContender(contender);
  const { connections, size, kept } = load;
  const window = seconds * 1000;
  const command = denoCommand(
    ...["load/smtp.ts", server.pid, server.port, connections, size, WARM_UP, window] as const,
    kept ? "kept" : "single",
  );
  return JSON.parse(await runProcess(command, WARM_UP + window + 20_000));
}

function goal(
  measure: string,
  outcomes: Outcomes,
  ours: Contender,
  theirs: Contender,
  of: (outcome: SmtpOutcome) => number,
  target: Goal["target"],
): Goal {
  const their = outcomes.get(theirs)?.map(of);
  return {
    measure,
    value: their === undefined ? null : ratioOf(outcomes.get(ours)!.map(of), their).median,
    unit: their === undefined ? `${theirs.name} is not installed` : "x",
    target,
  };
}
