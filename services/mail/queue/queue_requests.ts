import { systemQueueFiles } from "./queue_files.ts";

/** What somebody without the queue's lock asks of the server that has it. */
export interface QueueRequest {
  readonly verb: "retry" | "drop";
  /** Names of messages; none with `retry`: all of them. */
  readonly ids: readonly string[];
}

/** Folder of the requests, within the queue's. */
const REQUESTS = "requests";
const ASKED = ".ask";
const DONE = ".done";

/**
 * Leave a request in a queue's folder, and wait for the server that has the queue to do it.
 * @returns how many messages it was about; null when nobody has answered in time, and the request was withdrawn
 */
export async function request(
  folder: string,
  request: QueueRequest,
  { patience, interval }: { readonly patience: number; readonly interval: number },
): Promise<number | null> {
  const requests = `${folder}/${REQUESTS}`;
  await systemQueueFiles.makeFolder(requests);
  const path = `${requests}/${crypto.randomUUID()}`;
  await Deno.writeTextFile(`${path}.new`, JSON.stringify(request), { mode: 0o600 });
  await systemQueueFiles.rename(`${path}.new`, path + ASKED);
  for (let waited = 0; waited < patience; waited += interval) {
    const answer = await answerAt(path + DONE);
    if (answer !== null) return answer;
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
  await ifThere(systemQueueFiles.remove(path + ASKED));
  return null;
}

/**
 * Do what was asked since the last call, and say so.
 * @param perform does it, and tells how many messages it was about
 */
export async function answerRequests(
  folder: string,
  perform: (request: QueueRequest) => Promise<number>,
): Promise<void> {
  const requests = `${folder}/${REQUESTS}`;
  const names = await ifThere(systemQueueFiles.list(requests)) ?? [];
  for (const name of names.filter((name) => name.endsWith(ASKED))) {
    const path = `${requests}/${name}`;
    const text = await ifThere(Deno.readTextFile(path));
    // Whoever asked has lost patience.
    if (text === null) continue;
    const asked = readRequest(text);
    const count = asked === null ? 0 : await perform(asked);
    const answer = path.slice(0, -ASKED.length);
    await Deno.writeTextFile(`${answer}.new`, String(count), { mode: 0o600 });
    await systemQueueFiles.rename(`${answer}.new`, answer + DONE);
    await ifThere(systemQueueFiles.remove(path));
  }
}

async function answerAt(path: string): Promise<number | null> {
  const text = await ifThere(Deno.readTextFile(path));
  if (text === null) return null;
  await ifThere(systemQueueFiles.remove(path));
  return Number(text);
}

function readRequest(text: string): QueueRequest | null {
  let read: Partial<QueueRequest>;
  try {
    read = JSON.parse(text) ?? {};
  } catch {
    return null;
  }
  const { verb, ids } = read;
  const sound = (verb === "retry" || verb === "drop") && Array.isArray(ids) &&
    ids.every((id) => typeof id === "string");
  return sound ? { verb, ids } : null;
}

async function ifThere<T>(result: Promise<T>): Promise<T | null> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
