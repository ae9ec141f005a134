import { Maildir, type MaildirOptions } from "./maildir.ts";

/** Characters that a mailbox's name may have in its folder's name; others are written as `%XX`. */
const PLAIN = /[^A-Za-z0-9@._+=\-]/gu;

/**
 * The Maildirs of a mail server: one for each mailbox, in folders of one root, named like the mailboxes.
 * What receives mail and what serves it make one each, with the same root.
 */
export class Mailboxes {
  readonly #options: MaildirOptions;
  readonly #known = new Map<string, Maildir>();

  /** @param root folder of all; made when it is missing */
  constructor(readonly root: string, options: MaildirOptions) {
    this.#options = options;
  }

  /** The Maildir of a mailbox (`alice`, `alice@example.org`), which need not be there yet. */
  get(name: string): Maildir {
    let maildir = this.#known.get(name);
    if (maildir === undefined) {
      maildir = new Maildir(mailboxPath(this.root, name), this.#options);
      this.#known.set(name, maildir);
    }
    return maildir;
  }

  /**
   * The Maildir of a mailbox, made when it is missing.
   * @throws {Error} naming it, caused by the system's error
   */
  async open(name: string): Promise<Maildir> {
    const maildir = this.get(name);
    try {
      await maildir.create();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`Cannot use Maildir "${maildir.path}": ${reason}`, { cause: error });
    }
    return maildir;
  }

  /** Look again, and make the folder anew, at the next use: somebody has removed it. */
  forget(name: string): void {
    this.#known.delete(name);
  }
}

/** The folder of a mailbox beneath `root`: no name, however odd, leads anywhere else or to another's folder. */
export function mailboxPath(root: string, name: string): string {
  const escaped = name.replaceAll(
    PLAIN,
    (character) => [...new TextEncoder().encode(character)].map(percent).join(""),
  );
  return `${root}/${escaped.startsWith(".") ? `%2E${escaped.slice(1)}` : escaped}`;
}

/** The mailbox whose folder has that name: what {@linkcode mailboxPath} made of it, undone. */
export function mailboxNameOf(folder: string): string {
  try {
    return decodeURIComponent(folder);
  } catch {
    // Somebody else has named it.
    return folder;
  }
}

function percent(octet: number): string {
  return `%${octet.toString(16).toUpperCase().padStart(2, "0")}`;
}
