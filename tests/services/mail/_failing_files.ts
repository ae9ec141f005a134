import { type QueueFiles, systemQueueFiles } from "../../../services/mail/queue/queue_files.ts";
import { type MailFiles, type NewFile, systemFiles } from "../../../services/mail/mail_files.ts";

/** The calls that a test can make fail or hold up. */
export type FileCall = keyof QueueFiles | "write" | "sync";

/** The machine's files, where `before` is called first with what is to be done; it may throw. */
export function watchedFiles(before: Before): MailFiles {
  return watch(systemFiles, before);
}

/** The machine's files, as a queue uses them: see {@linkcode watchedFiles}. */
export function watchedQueueFiles(before: Before): QueueFiles {
  return watch(systemQueueFiles, before);
}

type Before = (call: FileCall, path: string) => void | Promise<void>;

function watch<F extends MailFiles>(files: F, before: Before): F {
  const watched: Record<string, unknown> = {};
  for (const [call, act] of Object.entries(files)) {
    watched[call] = async (...paths: string[]) => {
      await before(call as FileCall, paths.filter((path) => typeof path === "string").at(-1)!);
      const result = await (act as (...paths: string[]) => Promise<unknown>)(...paths);
      return call === "create" ? watchedFile(result as NewFile, paths[0]!) : result;
    };
  }
  return watched as unknown as F;

  function watchedFile(file: NewFile, path: string): NewFile {
    return {
      async write(bytes) {
        await before("write", path);
        await file.write(bytes);
      },
      async sync() {
        await before("sync", path);
        await file.sync();
      },
      close: () => file.close(),
    };
  }
}
