/** A message in a Maildir, as its file's name tells of it. */
export interface MaildirEntry {
  /** The same for as long as the message is there, and in no other message's name: good for a UID. */
  readonly unique: string;
  /** `new` until a reader has taken notice of it. */
  readonly folder: "new" | "cur";
  /** The name of the file; changes with the flags. */
  readonly file: string;
  /**
   * In ASCII order: `D` draft, `F` flagged, `P` passed on, `R` replied, `S` seen, `T` trashed; lower-case
   * letters are the reader's own.
   */
  readonly flags: string;
  /** Bytes in the file (`,S=`), where the name tells. */
  readonly size: number | null;
  /** Bytes with every line ended by CRLF (`,W=`), where the name tells. */
  readonly wireSize: number | null;
}

const sizes = /,([SW])=([0-9]{1,15})(?=,|$)/g;

/** Reads the name of a file in `new` or `cur`; null for one that is no message's. */
export function parseMaildirName(folder: "new" | "cur", file: string): MaildirEntry | null {
  if (file === "" || file.startsWith(".")) return null;
  const colon = file.indexOf(":");
  const base = colon < 0 ? file : file.slice(0, colon);
  const info = colon < 0 ? "" : file.slice(colon + 1);
  const comma = base.indexOf(",");
  let size: number | null = null;
  let wireSize: number | null = null;
  if (comma >= 0) {
    for (const [, letter, digits] of base.slice(comma).matchAll(sizes)) {
      if (letter === "S") size = Number(digits);
      else wireSize = Number(digits);
    }
  }
  return {
    unique: comma < 0 ? base : base.slice(0, comma),
    folder,
    file,
    flags: info.startsWith("2,") ? info.slice(2) : "",
    size,
    wireSize,
  };
}

/** The name in `cur` of the same message with other flags, which may be given in any order. */
export function nameWithFlags(file: string, flags: string): string {
  const colon = file.indexOf(":");
  const base = colon < 0 ? file : file.slice(0, colon);
  return `${base}:2,${[...new Set(flags)].sort().join("")}`;
}

/** Messages in the order in which they were delivered. */
export function inOrderOfArrival(entries: Iterable<MaildirEntry>): MaildirEntry[] {
  // Numbers are read once, not in each of the many comparisons.
  const keyed = Array.from(entries, (entry) => ({ seconds: parseInt(entry.unique, 10) || 0, entry }));
  keyed.sort((one, other) => one.seconds - other.seconds || compare(one.entry.unique, other.entry.unique));
  return keyed.map(({ entry }) => entry);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
