import { type Coding, codings } from "../compress/accept_encoding.ts";
import { isCompressible } from "../compress/compressible.ts";
import { compressBytes } from "../compress/compress_bytes.ts";
import type { Folder, Located } from "./folder.ts";
import { mediaType } from "./media_type.ts";
import { Representation } from "./representation.ts";

/** Files up to this size are kept in memory. */
export const MOST_KEPT = 256 * 1024;
/** Larger ones are not compressed while a client waits. */
const MOST_COMPRESSED = 4 * 1024 * 1024;
/** Below this, compression saves no packet. */
const LEAST_COMPRESSED = 1024;

const suffixes: Readonly<Record<Coding, string>> = { br: ".br", zstd: ".zst", gzip: ".gz" };

/** A file as it was found, in its several forms. */
export class StaticFile {
  readonly plain: Representation;
  /** Tells this state of the file and its compressed siblings from others. */
  readonly state: string;
  /** Compressed forms that stand beside it. */
  readonly #ready: ReadonlyMap<Coding, Representation>;
  /** Forms that were made of it, or are being made; null for one that is not smaller. */
  readonly #made = new Map<Coding, Representation | null | Promise<Representation | null>>();
  readonly #compresses: boolean;

  private constructor(
    state: string,
    plain: Representation,
    ready: ReadonlyMap<Coding, Representation>,
    compresses: boolean,
  ) {
    this.state = state;
    this.plain = plain;
    this.#ready = ready;
    this.#compresses = compresses;
  }

  /** Read what was `found` at `path` in `folder`; `before` is returned when nothing has changed since. */
  static async read(
    folder: Folder,
    path: string,
    found: Located,
    compress: boolean,
    before: StaticFile | null,
  ): Promise<StaticFile> {
    const type = mediaType(found.path);
    const siblings = isCompressible(type) ? await findSiblings(folder, path, found) : [];
    const state = [found, ...siblings.map(([, sibling]) => sibling)].map(stateOf).join();
    if (before?.state === state) return before;
    const size = found.info.size;
    const compresses = compress && isCompressible(type) && size >= LEAST_COMPRESSED &&
      size <= MOST_COMPRESSED;
    const varies = siblings.length > 0 || compresses;
    const form = async (located: Located, coding: Coding | null) =>
      [coding, await readForm(located, type, coding, varies)] as const;
    const plain = await readForm(found, type, null, varies);
    const ready = await Promise.all(siblings.map(([coding, located]) => form(located, coding)));
    return new StaticFile(state, plain, new Map(ready as (readonly [Coding, Representation])[]), compresses);
  }

  /** Octets that are in memory. */
  get weight(): number {
    const made = [...this.#made.values()].filter((form) => form instanceof Representation);
    return [this.plain, ...this.#ready.values(), ...made].reduce(
      (sum, { bytes }) => sum + (bytes?.length ?? 0),
      512,
    );
  }

  /** Whether the form depends on what the client accepts. */
  get varies(): boolean {
    return this.#ready.size > 0 || this.#compresses;
  }

  /** The best form for a client that accepts `accepted`, the first the best. */
  choose(accepted: readonly Coding[]): Representation | Promise<Representation> {
    for (const coding of accepted) {
      const ready = this.#ready.get(coding);
      if (ready !== undefined) return ready;
    }
    const coding = accepted[0];
    if (coding === undefined || !this.#compresses) return this.plain;
    const made = this.#made.get(coding);
    if (made === undefined) return this.#make(coding).then((form) => form ?? this.plain);
    return made instanceof Promise ? made.then((form) => form ?? this.plain) : made ?? this.plain;
  }

  #make(coding: Coding): Promise<Representation | null> {
    const making = this.#compress(coding);
    this.#made.set(coding, making);
    making.then((form) => this.#made.set(coding, form), () => this.#made.delete(coding));
    return making;
  }

  async #compress(coding: Coding): Promise<Representation | null> {
    const { plain } = this;
    const bytes = await compressBytes(plain.bytes ?? await Deno.readFile(plain.path), coding);
    if (bytes.length >= plain.size) return null;
    return new Representation({
      ...plain,
      bytes,
      size: bytes.length,
      etag: withCoding(plain.etag, coding),
      coding,
      varies: true,
    });
  }
}

async function findSiblings(folder: Folder, path: string, of: Located): Promise<[Coding, Located][]> {
  const found = await Promise.all(codings.map(async (coding) => {
    const sibling = await folder.find(path + suffixes[coding]).catch(() => null);
    // One that is older was made of something else.
    const fits = sibling?.info.isFile && modifiedOf(sibling) >= modifiedOf(of);
    return fits ? [[coding, sibling] as [Coding, Located]] : [];
  }));
  return found.flat();
}

async function readForm(
  { path, info }: Located,
  mediaType: string,
  coding: Coding | null,
  varies: boolean,
): Promise<Representation> {
  const bytes = info.size <= MOST_KEPT ? await Deno.readFile(path) : null;
  const modified = info.mtime?.getTime() ?? 0;
  const size = bytes?.length ?? info.size;
  const etag = `"${Math.round(modified).toString(36)}-${size.toString(36)}"`;
  return new Representation({
    path,
    bytes,
    size,
    etag: coding === null ? etag : withCoding(etag, coding),
    modified,
    mediaType,
    coding,
    varies,
  });
}

/** The entity tag of another form of the same: each form has its own (RFC 9110, section 8.8.3.3). */
export function withCoding(etag: string, coding: Coding): string {
  return `${etag.slice(0, -1)}-${coding}"`;
}

function modifiedOf({ info }: Located): number {
  return info.mtime?.getTime() ?? 0;
}

function stateOf({ path, info }: Located): string {
  return `${path} ${info.ino} ${info.size} ${info.mtime?.getTime()}`;
}
