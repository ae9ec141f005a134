/**
 * Something that one holder has for itself, among all processes of this machine: a mailbox, a queue. It is the
 * system's lock on a file: when a process dies, however it dies, its locks are gone.
 */
export class FileLock implements Disposable {
  readonly #file: Deno.FsFile;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /**
   * Lock by the file at `path`, which is made when it is missing, and stays. Null when somebody else has the lock.
   * @throws the system's error
   */
  static async take(path: string): Promise<FileLock | null> {
    const file = await Deno.open(path, { create: true, write: true, mode: 0o600 });
    try {
      if (await file.tryLock(true)) return new FileLock(file);
    } catch (error) {
      file.close();
      throw error;
    }
    file.close();
    return null;
  }

  /** Let others have it. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}
