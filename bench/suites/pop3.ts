import { type Contender, missingRow, presentContenders, startContender } from "../harness/contender.ts";
import { figure, spreadFigure } from "../harness/report.ts";
import { interleave } from "../harness/rounds.ts";
import { benchFile, denoCommand, runProcess } from "../harness/run_process.ts";
import { spreadOf } from "../harness/statistics.ts";
import type { Suite } from "../harness/suite.ts";
import type { Pop3Outcome, Took } from "../load/pop3.ts";

const MESSAGES = 100_000;
const FETCHED = 10_000;
const SIZE = 4 << 10;
/** Names of one file: fewer than any file system's limit. */
const LINKS = 20_000;
/** Rounds, whatever is asked for: each of them takes some ten seconds. */
const MOST_ROUNDS = 3;
const PYTHON = "/usr/bin/python3";

/** A mailbox of a hundred thousand messages, read by POP3. */
export const suite: Suite = {
  summary: "POP3: a large mailbox listed, and ten thousand messages fetched",
  async run({ rounds, progress }) {
    const folder = await Deno.makeTempDir({ prefix: "bench-pop3" });
    try {
      progress("pop3: making the mailbox");
      await makeMailbox(`${folder}/inbox`);
      const { present, missing } = await presentContenders(contenders(folder));
      const outcomes = await interleave(present, Math.min(rounds, MOST_ROUNDS), (contender, round) => {
        progress(`pop3: ${contender.name}, round ${round + 1}`);
        return read(contender);
      });
      const columns = ["server", "login, s", "LIST, s", "UIDL, s", "RETR, messages/s", "CPU per RETR, us"];
      const seconds = (contender: Contender, of: (outcome: Pop3Outcome) => Took) =>
        spreadFigure(spreadOf(outcomes.get(contender)!.map((outcome) => of(outcome).seconds)));
      const rows = present.map((contender) => [
        contender.name,
        seconds(contender, ({ login }) => login),
        seconds(contender, ({ list }) => list),
        seconds(contender, ({ uidl }) => uidl),
        spreadFigure(spreadOf(outcomes.get(contender)!.map(({ fetch }) => FETCHED / fetch.seconds))),
        spreadFigure(spreadOf(outcomes.get(contender)!.map(({ fetch }) => 1e6 * fetch.cpu / FETCHED))),
      ]);
      return {
        tables: [{
          title: `POP3, a mailbox of ${figure(MESSAGES)} messages of 4 KiB`,
          columns,
          rows: [...rows, ...missing.map((contender) => missingRow(contender, columns.length))],
          notes: [
            `${
              figure(FETCHED)
            } messages are fetched, each asked for when the last one is there. Heddle lists at the ` +
            "login, knows sizes from the names of files, and locks; twisted.mail asks the file system at LIST.",
          ],
        }],
        goals: [],
      };
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
};

function contenders(folder: string): Contender[] {
  return [
    { name: "Heddle pop3", command: denoCommand("contenders/heddle_pop3.ts", folder) },
    {
      name: "twisted.mail",
      command: [PYTHON, benchFile("contenders/twisted_pop3.py"), folder],
      probe: [PYTHON, "-c", "import twisted.mail.pop3"],
      install: "apt-get install python3-twisted",
    },
  ];
}

/** Names of a few files, since what is in them does not matter. */
async function makeMailbox(path: string): Promise<void> {
  for (const name of ["tmp", "new", "cur"]) await Deno.mkdir(`${path}/${name}`, { recursive: true });
  const header = "From: a@far.test\r\nTo: inbox@here.test\r\nSubject: bench\r\n\r\n";
  const text = `${header}${`${"x".repeat(76)}\r\n`.repeat(SIZE / 78)}`;
  let original = "";
  for (let i = 0; i < MESSAGES; i++) {
    const unique = `${1_700_000_000 + i}.M000000Q${String(i).padStart(6, "0")}P1R00000000.bench`;
    const file = `${path}/new/${unique},S=${text.length},W=${text.length}`;
    if (i % LINKS === 0) Deno.writeTextFileSync(original = file, text);
    else Deno.linkSync(original, file);
  }
}

async function read(contender: Contender): Promise<Pop3Outcome> {
  await using server = await startContender(contender);
  const command = denoCommand("load/pop3.ts", server.pid, server.port, FETCHED);
  const outcome: Pop3Outcome = JSON.parse(await runProcess(command, 120_000));
  if (outcome.messages !== MESSAGES) {
    throw new Error(
      `Cannot measure ${contender.name}: it lists ${outcome.messages} messages, not ${MESSAGES}`,
    );
  }
  return outcome;
}
