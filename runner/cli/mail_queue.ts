import type { QueuedMessage } from "../../services/mail/mail_queue.ts";
import { openQueue } from "../../services/mail/queue/durable_queue.ts";
import { describeEntry, type Entry } from "../../services/mail/queue/entry.ts";
import { systemQueueFiles } from "../../services/mail/queue/queue_files.ts";
import { lockQueue } from "../../services/mail/queue/queue_lock.ts";
import { request } from "../../services/mail/queue/queue_requests.ts";
import { readQueue } from "../../services/mail/queue/read_queue.ts";
import { didYouMean } from "../../services/text/closest.ts";
import { quote } from "../../services/text/quote.ts";
import { type Command, defineCommand } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import type { CommandIO } from "./io.ts";
import { UsageError } from "./usage_error.ts";

const ACTIONS = ["list", "retry", "drop"] as const;
/** Milliseconds that a server may take to do what it is asked, and between looks. */
const PATIENCE = { patience: 10_000, interval: 50 } as const;

/** `heddle mail queue` */
export const command: Command = defineCommand({
  verb: "mail queue",
  summary: "look after the mail that waits to be sent",
  usage: "list | retry [ID...] | drop ID...",
  operands: { name: "action: list, retry or drop", min: 1, max: 10_000 },
  flags: {
    queue: { kind: "string", placeholder: "FOLDER", help: "folder of the queue; default queue" },
    json: { kind: "boolean", help: "list as JSON" },
  },
  details: `\
"list" tells what waits, and what the last attempt came to. "retry" has messages tried at once, whatever the
schedule says: all of them, or those that are named. "drop" removes messages for good, and tells their senders
nothing.

The folder is what the smtp service has as relay.queue. It does not matter whether a server is at work on it.`,
  async run({ flags, operands: [action, ...ids] }, io) {
    const folder = flags.queue ?? "queue";
    if (!ACTIONS.some((known) => known === action)) {
      throw new UsageError(
        `Unknown action ${quote(action!)}${didYouMean(action!, ACTIONS)}: must be ${ACTIONS.join(", ")}`,
      );
    }
    try {
      await Deno.stat(folder);
    } catch {
      io.stderr.print(`Cannot read queue ${quote(folder)}: no such folder; name it with --queue\n`);
      return EXIT.noInput;
    }
    if (action === "list") return await list(folder, flags.json, io);
    if (action === "drop" && ids.length === 0) {
      throw new UsageError("Missing operand: name the messages to drop");
    }
    return await change(folder, action === "drop" ? "drop" : "retry", ids, io);
  },
});

async function list(folder: string, json: boolean, io: CommandIO): Promise<number> {
  const { state } = await readQueue(folder, systemQueueFiles);
  const messages = [...state.entries.values()].map((entry) => describeEntry(entry, false));
  if (json) io.stdout.print(`${JSON.stringify(messages, null, 2)}\n`);
  else io.stdout.print(messages.length === 0 ? "No mail is waiting\n" : messages.map(describe).join("\n"));
  return EXIT.ok;
}

/** By the server that has the queue; where there is none, by ourselves. */
async function change(
  folder: string,
  verb: "retry" | "drop",
  ids: readonly string[],
  io: CommandIO,
): Promise<number> {
  const count = await withoutServer(folder, verb, ids) ?? await request(folder, { verb, ids }, PATIENCE);
  if (count === null) {
    io.stderr.print(`Cannot change queue ${quote(folder)}: the server that has it does not answer\n`);
    return EXIT.unavailable;
  }
  const missing = ids.length > count ? `, ${ids.length - count} not found` : "";
  const what = verb === "drop" ? "dropped" : "to be tried now";
  io.stdout.print(`${count} ${count === 1 ? "message" : "messages"} ${what}${missing}\n`);
  return missing === "" ? EXIT.ok : EXIT.noInput;
}

/** Null when a server has the queue. */
async function withoutServer(
  folder: string,
  verb: "retry" | "drop",
  ids: readonly string[],
): Promise<number | null> {
  using lock = await lockQueue(folder);
  if (lock === null) return null;
  const { queue } = await openQueue(folder);
  try {
    const wanted: Entry[] = [...queue.entries.values()]
      .filter(({ id }) => ids.includes(id) || verb === "retry" && ids.length === 0);
    for (const entry of wanted) {
      if (verb === "drop") await queue.drop(entry);
      else await queue.record(entry, { attempts: entry.attempts, nextAttempt: 0, results: new Map() }, [], 0);
    }
    return wanted.length;
  } finally {
    await queue.close();
  }
}

function describe(
  { id, sender, recipients, size, receivedAt, attempts, nextAttempt }: QueuedMessage,
): string {
  const next = nextAttempt === null || attempts === 0 ? "" : `, next attempt ${dateOf(nextAttempt)}`;
  const lines = recipients.map(({ address, state, answer }) =>
    `  ${state.padEnd(9)} ${printable(address)}${answer === null ? "" : `: ${printable(answer)}`}\n`
  );
  const from = sender === "" ? "<>" : printable(sender);
  return `${id}  ${dateOf(receivedAt)}  ${size} bytes  from ${from}${next}\n${lines.join("")}`;
}

function dateOf(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

/** Servers and senders may say anything: none of it may steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "?");
}
