import { type MailFiles, systemFiles } from "../mail_files.ts";

/** What a queue asks of a file system beyond {@linkcode MailFiles}. */
export interface QueueFiles extends MailFiles {
  /** So many octets of a file from `offset` on; fewer where it ends before. */
  readAt(path: string, offset: number, length: number): Promise<Uint8Array>;
  /** Cut a file to `size` octets. */
  truncate(path: string, size: number): Promise<void>;
}

/** The machine's file system. */
export const systemQueueFiles: QueueFiles = {
  ...systemFiles,
  async readAt(path, offset, length) {
    using file = await Deno.open(path);
    await file.seek(offset, Deno.SeekMode.Start);
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const count = await file.read(bytes.subarray(filled));
      if (count === null) break;
      filled += count;
    }
    return bytes.subarray(0, filled);
  },
  truncate: (path, size) => Deno.truncate(path, size),
};
