/**
 * What storing mail asks of a file system, and no more: so that a test can stand in for a disk that is full or
 * fails. Every method is asynchronous, and rejects with the system's error.
 */
export interface MailFiles {
  /** Make the folder and those above it; does nothing when it exists. */
  makeFolder(path: string): Promise<void>;
  /** The names in a folder, in no particular order. */
  list(path: string): Promise<string[]>;
  /** A new file, for writing, for its owner alone. Rejects when there is one of that name. */
  create(path: string): Promise<NewFile>;
  /** The bytes of a file, in pieces. Rejects when there is none. */
  open(path: string): Promise<ReadableStream<Uint8Array>>;
  /** A whole file. Rejects when there is none. */
  read(path: string): Promise<Uint8Array>;
  /** The first bytes of a file, at most `length`. Rejects when there is none. */
  readStart(path: string, length: number): Promise<Uint8Array>;
  /** Size in bytes, and when it was last changed, in milliseconds since 1970. */
  stat(path: string): Promise<{ readonly size: number; readonly modified: number }>;
  /** A second name for a file. Rejects across file systems. */
  link(from: string, to: string): Promise<void>;
  /** Another name for a file, at once and as a whole; replaces what is there. */
  rename(from: string, to: string): Promise<void>;
  /** Remove a file. Rejects when there is none. */
  remove(path: string): Promise<void>;
  /** Flush the names in a folder to the disk: until then, a rename may not outlive a loss of power. */
  syncFolder(path: string): Promise<void>;
}

/** A file that is being written. */
export interface NewFile {
  /** Append all of `bytes`. */
  write(bytes: Uint8Array): Promise<void>;
  /** Flush what was written to the disk. */
  sync(): Promise<void>;
  /** Let go of it. */
  close(): void;
}

/** The machine's file system. */
export const systemFiles: MailFiles = {
  async makeFolder(path) {
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  },
  async list(path) {
    const names: string[] = [];
    for await (const entry of Deno.readDir(path)) {
      if (!entry.isDirectory) names.push(entry.name);
    }
    return names;
  },
  async create(path) {
    return new SystemFile(await Deno.open(path, { write: true, createNew: true, mode: 0o600 }));
  },
  async open(path) {
    return (await Deno.open(path)).readable;
  },
  read: (path) => Deno.readFile(path),
  async readStart(path, length) {
    using file = await Deno.open(path);
    const bytes = new Uint8Array(length);
    // A regular file gives fewer bytes than were asked for at its end alone.
    const size = await file.read(bytes) ?? 0;
    return bytes.subarray(0, size);
  },
  async stat(path) {
    const { size, mtime } = await Deno.stat(path);
    return { size, modified: mtime?.getTime() ?? 0 };
  },
  link: (from, to) => Deno.link(from, to),
  rename: (from, to) => Deno.rename(from, to),
  remove: (path) => Deno.remove(path),
  async syncFolder(path) {
    using folder = await Deno.open(path);
    await folder.sync();
  },
};

class SystemFile implements NewFile {
  readonly #file: Deno.FsFile;

  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  async write(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) rest = rest.subarray(await this.#file.write(rest));
  }

  sync(): Promise<void> {
    return this.#file.syncData();
  }

  close(): void {
    this.#file.close();
  }
}
