import { posix } from "node:path";
import { quote } from "../../services/text/quote.ts";
import { checkValue } from "./check_value.ts";
import { NoSuchFileError } from "./errors.ts";
import type { Finding, Text } from "./finding.ts";
import { type Environment, interpolate, resolveBeside } from "./interpolate.ts";
import { findDeepPlace, findExpandingPlace, parseYaml, YamlError } from "./parse_yaml.ts";
import type { Path } from "./path.ts";
import { describeReadFailure, type ReadFile, readText, TextError } from "./read_text.ts";
import type { Secrets } from "./secrets.ts";
import type { Source } from "./source.ts";

/** What reading an application's files needs. */
export interface ReadContext {
  readonly env: Environment;
  readonly readFile: ReadFile;
  readonly secrets: Secrets;
}

/** An application's files. */
export interface Sources {
  /** What could be read, each before the file that includes it; the main file is the last. */
  readonly sources: readonly Source[];
  /** Every file that was opened or looked for, the main file first. */
  readonly files: readonly string[];
  readonly findings: readonly Finding[];
}

/** Most files of one application. */
export const MAX_FILES = 64;

/**
 * Read an application file and all that it includes: parsed, checked, interpolated.
 * @throws {NoSuchFileError} when the main file does not exist; all else is a finding
 */
export async function readSources(file: string, context: ReadContext): Promise<Sources> {
  const reader = new SourceReader(context);
  await reader.read(file, []);
  return reader;
}

/** The `include` entry that asked for a file. */
interface Inclusion {
  readonly by: Source;
  readonly path: Path;
}

class SourceReader implements Sources {
  readonly sources: Source[] = [];
  readonly findings: Finding[] = [];
  readonly #files = new Set<string>();
  /** Application files only, under names that can be compared. */
  readonly #read = new Set<string>();
  readonly #context: ReadContext;

  constructor(context: ReadContext) {
    this.#context = context;
  }

  get files(): string[] {
    return [...this.#files];
  }

  /** `chain`: the files that include one another down to this one. */
  async read(file: string, chain: readonly string[], inclusion?: Inclusion): Promise<void> {
    this.#files.add(file);
    this.#read.add(posix.normalize(file));
    const text = await this.#readText(file, inclusion);
    if (text === undefined) return;
    const parsed = this.#parse({ file, text });
    if (parsed === undefined) return;
    const { secrets, env, readFile } = this.#context;
    const interpolated = await interpolate(parsed.value, { file, env, readFile, secrets });
    for (const secret of interpolated.files) this.#files.add(secret);
    const source: Source = { file, text, value: interpolated.value, marks: interpolated.marks };
    for (const path of parsed.broken) source.marks.add(path, "broken");
    this.findings.push(...interpolated.faults.map((fault) => ({ source, ...fault })));
    await this.#readIncluded(source, [...chain, posix.normalize(file)]);
    this.sources.push(source);
  }

  async #readText(file: string, inclusion: Inclusion | undefined): Promise<string | undefined> {
    try {
      return await readText(file, this.#context.readFile);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound && inclusion === undefined) {
        throw new NoSuchFileError(file, { cause: error });
      }
      const reason = error instanceof TextError ? error.message : describeReadFailure(error);
      const message = `Cannot read ${quote(file)}: ${reason}`;
      if (inclusion === undefined || error instanceof TextError) {
        const place = error instanceof TextError ? error.place : null;
        this.findings.push({ source: { file, text: "" }, path: [], message, place });
      } else {
        this.findings.push({ source: inclusion.by, path: inclusion.path, message });
      }
      return undefined;
    }
  }

  /** The value, and the paths in it of which all is said; undefined when there is no usable one. */
  #parse(source: Text): { value: unknown; broken: Path[] } | undefined {
    let value: unknown;
    try {
      value = parseYaml(source.text);
    } catch (error) {
      if (!(error instanceof YamlError)) throw error;
      this.findings.push({ source, path: [], message: error.message, place: error.place });
      return undefined;
    }
    const faults = checkValue(value);
    for (const { path, at, message, hostile } of faults) {
      // Looking up a place means to build the whole document again: not for one that is too large.
      const place = hostile && (hostile === "depth" ? findDeepPlace : findExpandingPlace)(source.text);
      this.findings.push({
        source,
        path: hostile ? [] : path,
        at,
        message,
        ...(place !== undefined && { place }),
      });
    }
    return faults.some((fault) => fault.hostile)
      ? undefined
      : { value, broken: faults.map(({ path }) => path) };
  }

  async #readIncluded(source: Source, chain: readonly string[]): Promise<void> {
    for (const { path, name } of includesOf(source)) {
      const file = resolveBeside(source.file, name);
      const fault = this.#refuse(file, chain);
      if (fault !== undefined) this.findings.push({ source, path, message: fault });
      // Two files may include the same third one, which counts once.
      else if (!this.#read.has(file)) await this.read(file, chain, { by: source, path });
    }
  }

  #refuse(file: string, chain: readonly string[]): string | undefined {
    const start = chain.indexOf(file);
    if (start !== -1) {
      return `Cannot include ${quote(file)}: the files include one another: ` +
        [...chain.slice(start), file].join(" -> ");
    }
    if (this.#read.size >= MAX_FILES) return `Cannot include more than ${MAX_FILES} files`;
    return undefined;
  }
}

/** The `include` entries that can be followed; the schema reports the others. */
function includesOf({ value, marks }: Source): { path: Path; name: string }[] {
  const include = (value as { include?: unknown } | null)?.include;
  if (!Array.isArray(include)) return [];
  return include.flatMap((name: unknown, i) => {
    const path = ["include", i];
    return typeof name === "string" && name !== "" && !marks.isBroken(path) ? [{ path, name }] : [];
  });
}
