import {
  type DurableQueue,
  type DurableQueueOptions,
  openQueue,
} from "../../../../services/mail/queue/durable_queue.ts";
import type { Entry, EntryRecipient, NewEntry } from "../../../../services/mail/queue/entry.ts";

/** A folder for a queue, which lasts for one test. */
export class QueueScene implements AsyncDisposable {
  readonly folder: string = `${Deno.makeTempDirSync({ prefix: "queue" })}/queue`;
  #open: DurableQueue[] = [];

  /** Open the queue, as a process does that starts; one that was open stays as after a kill. */
  async open(options: DurableQueueOptions = {}): Promise<DurableQueue> {
    const { queue } = await openQueue(this.folder, options);
    this.#open.push(queue);
    return queue;
  }

  /** Names and sizes of the files that the queue has. */
  files(folder = ""): Record<string, number> {
    const path = `${this.folder}/${folder}`;
    return Object.fromEntries(
      [...Deno.readDirSync(path)].filter(({ isFile }) => isFile)
        .map(({ name }) => [name, Deno.statSync(`${path}/${name}`).size]),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const queue of this.#open) await queue.close();
    await Deno.remove(`${this.folder}/..`, { recursive: true });
  }
}

/** A message of these recipients. */
export function message(id: string, ...recipients: string[]): NewEntry {
  const addresses = recipients.length === 0 ? ["jane@there.test"] : recipients;
  return {
    id,
    sender: "alice@here.test",
    recipients: addresses.map((address) => ({ address })),
    receivedAt: 1000,
    smtpUtf8: false,
    prefix: "",
  };
}

/** Put a message into a queue. */
export async function add(
  queue: DurableQueue,
  entry: NewEntry,
  content = `Subject: ${entry.id}\r\n`,
): Promise<Entry> {
  const draft = queue.draft(entry.id);
  try {
    await draft.write(new TextEncoder().encode(content));
    await draft.finish(true);
    return await queue.add(entry, draft, 1000);
  } finally {
    await draft.discard();
  }
}

/** Put down that recipients have got it; all of them by default. */
export async function deliver(
  queue: DurableQueue,
  entry: Entry,
  recipients: readonly EntryRecipient[] = entry.recipients,
): Promise<void> {
  const results = new Map(
    recipients.map((recipient) => [recipient, { state: "delivered", answer: "250 ok" } as const]),
  );
  await queue.record(entry, { attempts: 1, nextAttempt: 2000, results }, [], 1000);
}

/** What a queue has of a message. */
export async function contentOf(queue: DurableQueue, id: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of queue.content(queue.entries.get(id)!)) {
    text += decoder.decode(bytes, { stream: true });
  }
  return text;
}
