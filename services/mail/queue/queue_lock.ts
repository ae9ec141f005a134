import { FileLock } from "../file_lock.ts";

/**
 * A queue's folder, which must be there, for one process at a time; null when another one has it.
 * @throws the system's error
 */
export function lockQueue(folder: string): Promise<FileLock | null> {
  return FileLock.take(`${folder}/lock`);
}
