const FILE = "lock";

/** A queue's folder, for one process at a time; the system takes it back when the process ends. */
export class QueueLock implements Disposable {
  readonly #file: Deno.FsFile;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /**
   * Take the folder, which must be there; null when another process has it.
   * @throws the system's error
   */
  static async take(folder: string): Promise<QueueLock | null> {
    const file = await Deno.open(`${folder}/${FILE}`, { write: true, create: true, mode: 0o600 });
    try {
      if (await file.tryLock(true)) return new QueueLock(file);
    } catch (error) {
      file.close();
      throw error;
    }
    file.close();
    return null;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
