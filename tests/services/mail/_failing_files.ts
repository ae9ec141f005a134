import { type MailFiles, type NewFile, systemFiles } from "../../../services/mail/mail_files.ts";

/** The calls that a test can make fail or hold up. */
export type FileCall = keyof MailFiles | "write" | "sync";

/** The machine's files, where `before` is called first with what is to be done; it may throw. */
export function watchedFiles(before: (call: FileCall, path: string) => void | Promise<void>): MailFiles {
  const watched: Record<string, unknown> = {};
  for (const [call, act] of Object.entries(systemFiles)) {
    watched[call] = async (...paths: string[]) => {
      await before(call as FileCall, paths.at(-1)!);
      const result = await (act as (...paths: string[]) => Promise<unknown>)(...paths);
      return call === "create" ? watchedFile(result as NewFile, paths[0]!) : result;
    };
  }
  return watched as unknown as MailFiles;

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
