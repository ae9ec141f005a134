import type { Document, Node, Pair, YAMLMap } from "yaml";
import { type Place, placeOf, type Text } from "./finding.ts";
import type { Path } from "./path.ts";

/** The YAML library that knows places; whoever needs it loads it. */
export type Yaml = typeof import("yaml");

/** Finds the places of paths in one text. Takes nothing but places from the library: it reads some scalars differently. */
export class SourceMap {
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

  /** `seen`: the maps that were searched; they may merge one another in a circle, or each twice. */
  #pairOf(map: YAMLMap, key: string, seen: Set<YAMLMap> = new Set()): KeyValue | undefined {
    if (seen.has(map)) return undefined;
    seen.add(map);
    const pairs = map.items as KeyValue[];
    const own = pairs.find((pair) => this.#yaml.isScalar(pair.key) && matches(pair.key, key));
    if (own !== undefined) return own;
    for (const merged of pairs.filter((pair) => this.#yaml.isScalar(pair.key) && pair.key.source === "<<")) {
      const value = this.#resolve(merged.value);
      const maps = this.#yaml.isSeq(value) ? value.items.map((item) => this.#resolve(item as Node)) : [value];
      for (const inner of maps) {
        const found = this.#yaml.isMap(inner) ? this.#pairOf(inner, key, seen) : undefined;
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
