import { segmentName, segmentsAmong } from "./journal.ts";
import type { QueueFiles } from "./queue_files.ts";
import { QueueState } from "./queue_records.ts";
import { decodeRecords } from "./record.ts";

/** What a folder of a queue has. */
export interface FoundQueue {
  readonly state: QueueState;
  /** Its segments, the oldest first, with the octets of what could be read. */
  readonly segments: readonly { readonly segment: number; readonly size: number }[];
  /** Segments that have more octets than could be read: they were being written when the machine stopped. */
  readonly torn: readonly { readonly file: string; readonly octets: number }[];
}

/** How often a folder is read anew whose segments are removed while it is read. */
const ATTEMPTS = 10;

/**
 * Read a queue's folder, changing nothing; also beside a server that is at work.
 * @throws the system's error; `NotFound` when there is no such folder
 */
export async function readQueue(folder: string, files: QueueFiles): Promise<FoundQueue> {
  for (let attempt = 1;; attempt++) {
    const names = await files.list(folder);
    try {
      return await readSegments(folder, segmentsAmong(names), files);
    } catch (error) {
      // What a segment had may have been copied into one that was not there when we looked.
      if (!(error instanceof Deno.errors.NotFound) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function readSegments(
  folder: string,
  numbers: readonly number[],
  files: QueueFiles,
): Promise<FoundQueue> {
  const state = new QueueState();
  const segments: { segment: number; size: number }[] = [];
  const torn: { file: string; octets: number }[] = [];
  for (const segment of numbers) {
    const file = segmentName(segment);
    const bytes = await files.read(`${folder}/${file}`);
    const { records, length } = decodeRecords(bytes);
    state.replay(segment, records);
    segments.push({ segment, size: length });
    if (length < bytes.length) torn.push({ file, octets: bytes.length - length });
  }
  return { state, segments, torn };
}
