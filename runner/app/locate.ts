import type { Document, Node, Pair, YAMLMap } from "yaml";
import { type Finding, type Place, placeOf, type Text } from "./finding.ts";
import { formatPath, type Path } from "./path.ts";
import type { Problem } from "./problem.ts";

/** What `locate` needs of the YAML library. */
type Yaml = typeof import("yaml");

/** Nobody reads more, and each costs a search through the text. */
const MAX_PROBLEMS = 200;

/**
 * Turn findings into problems: look up their places, sort them by file (in the order of `files`) and place.
 * The library that knows places is loaded only here, so that a good file never pays for it.
 */
export async function locate(findings: readonly Finding[], files: readonly string[]): Promise<Problem[]> {
  const shown = findings.slice(0, MAX_PROBLEMS);
  const yaml = shown.some((finding) => finding.place === undefined) ? await import("yaml") : undefined;
  const maps = new Map<string, SourceMap>();
  const problems = shown.map((finding) => {
    const place = finding.place === undefined ? lookUp(finding, maps, yaml!) : finding.place;
    return problemOf(finding, place);
  });
  const sorted = distinct(problems).sort((a, b) =>
    files.indexOf(a.file) - files.indexOf(b.file) || (a.line ?? 0) - (b.line ?? 0) ||
    (a.column ?? 0) - (b.column ?? 0)
  );
  const left = findings.length - shown.length;
  return left === 0 ? sorted : [...sorted, { file: files[0]!, path: "", message: `${left} more problems` }];
}

function problemOf(finding: Finding, place: Place | null): Problem {
  const { source, path, message, suggestion } = finding;
  return {
    file: source.file,
    path: formatPath(path),
    message: oneLine(message),
    ...(place !== null && place),
    ...(place !== null && source.text !== "" && { sourceLine: lineOf(source.text, place.line) }),
    ...(suggestion !== undefined && { suggestion: oneLine(suggestion) }),
  };
}

/** Messages of validators may quote anything: nothing in them may end the line or steer the terminal. */
function oneLine(message: string): string {
  return message.replace(/\s*\n\s*/g, " ").replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "?");
}

function lineOf(text: string, line: number): string {
  return text.split("\n", line)[line - 1]?.replace(/\r$/, "") ?? "";
}

function distinct(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const key = JSON.stringify([problem.file, problem.line, problem.column, problem.path, problem.message]);
    return !seen.has(key) && seen.add(key);
  });
}

function lookUp(finding: Finding, maps: Map<string, SourceMap>, yaml: Yaml): Place | null {
  const { source, path } = finding;
  let map = maps.get(source.file);
  if (map === undefined) maps.set(source.file, map = new SourceMap(source, yaml));
  return map.find(path, finding.at ?? "value");
}

/** Finds the places of paths in one text. */
class SourceMap {
  readonly #yaml: Yaml;
  readonly #text: string;
  readonly #document: Document.Parsed;

  constructor({ text }: Text, yaml: Yaml) {
    this.#yaml = yaml;
    this.#text = text;
    this.#document = yaml.parseDocument(text, {
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: "silent",
    });
  }

  /** A wrong value is where it stands, an unknown key at the key, a value that is missing at its parent's key. */
  find(path: Path, at: "key" | "value"): Place | null {
    let node: Node | null = this.#document.contents;
    let parentKey: Node | null = null;
    for (const [depth, step] of path.entries()) {
      const entry = this.#enter(this.#resolve(node), step);
      if (entry === undefined) return this.#place(parentKey ?? node);
      const isLast = depth === path.length - 1;
      // An empty value has no place of its own.
      if (isLast && (at === "key" || isEmpty(entry.value))) return this.#place(entry.key ?? entry.value);
      parentKey = entry.key ?? entry.value;
      node = entry.value;
    }
    return this.#place(node);
  }

  /** The node that an alias stands for. */
  #resolve(node: Node | null): Node | null {
    return this.#yaml.isAlias(node) ? node.resolve(this.#document) ?? null : node;
  }

  #enter(node: Node | null, step: string | number): { key: Node | null; value: Node | null } | undefined {
    if (this.#yaml.isSeq(node)) {
      const value = node.items[Number(step)];
      return value === undefined ? undefined : { key: null, value: value as Node };
    }
    if (!this.#yaml.isMap(node)) return undefined;
    const pair = this.#pairOf(node, String(step));
    return pair && { key: pair.key, value: pair.value };
  }

  /** `outer`: the maps that merge one another down to this one, possibly in a circle. */
  #pairOf(map: YAMLMap, key: string, outer: readonly YAMLMap[] = []): KeyValue | undefined {
    if (outer.includes(map)) return undefined;
    const pairs = map.items as KeyValue[];
    const own = pairs.find((pair) => this.#yaml.isScalar(pair.key) && matches(pair.key, key));
    if (own !== undefined) return own;
    for (const merged of pairs.filter((pair) => this.#yaml.isScalar(pair.key) && pair.key.source === "<<")) {
      const value = this.#resolve(merged.value);
      const maps = this.#yaml.isSeq(value) ? value.items.map((item) => this.#resolve(item as Node)) : [value];
      for (const inner of maps) {
        const found = this.#yaml.isMap(inner) ? this.#pairOf(inner, key, [...outer, map]) : undefined;
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  #place(node: Node | null): Place | null {
    const start = node?.range?.[0];
    return start === undefined ? placeOf(this.#text, 0) : placeOf(this.#text, start);
  }
}

type KeyValue = Pair<Node, Node | null>;

function isEmpty(node: Node | null): boolean {
  return node === null || (node.range != null && node.range[0] === node.range[1]);
}

/** The two parsers may read a key's value differently (`017`), but not its text. */
function matches(key: { value: unknown; source?: string }, name: string): boolean {
  return String(key.value) === name || key.source === name;
}
