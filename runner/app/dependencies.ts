import { closest } from "../../services/text/closest.ts";
import { quote } from "../../services/text/quote.ts";
import { type Finding, suggesting } from "./finding.ts";
import type { Path } from "./path.ts";
import { type Group, type RootGroup, type Unit, unitsWithin } from "./units.ts";

/** One entry of `needs` or `after`, with the unit that it names. */
export interface Dependency {
  readonly kind: "needs" | "after";
  readonly from: Unit;
  readonly to: Unit;
  /** Where the entry is written. */
  readonly at: Path;
}

/** What depends on what. */
export interface Dependencies {
  /** By the unit that depends. */
  readonly of: ReadonlyMap<Unit, readonly Dependency[]>;
  readonly findings: readonly Finding[];
}

/** Find the units that `needs` and `after` name: first among the siblings, then by the path from the outermost group. */
export function resolveDependencies(root: RootGroup): Dependencies {
  const byPath = new Map([...unitsWithin(root)].map((unit) => [unit.path, unit]));
  const of = new Map<Unit, Dependency[]>();
  const findings: Finding[] = [];
  for (const unit of byPath.values()) {
    const resolved: Dependency[] = [];
    for (const kind of ["needs", "after"] as const) {
      for (const { name, at } of namesIn(unit, kind)) {
        const to = find(name, unit, byPath);
        const reason = to === undefined ? "there is no such service or group" : refusal(unit, to);
        if (to !== undefined && reason === undefined) resolved.push({ kind, from: unit, to, at });
        else {
          const message = `Cannot depend on ${quote(name)}: ${reason}`;
          const mayHelp = to === undefined && findings.length < MAX_SUGGESTIONS;
          const near = mayHelp ? suggest(name, unit, byPath) : undefined;
          findings.push({ source: unit.source, path: at, message, ...suggesting(near) });
        }
      }
    }
    of.set(unit, resolved);
  }
  return { of, findings };
}

function namesIn(unit: Unit, kind: "needs" | "after"): { name: string; at: Path }[] {
  const names = unit.written[kind];
  if (!Array.isArray(names)) return [];
  return names.flatMap((name: unknown, i) => {
    const at = [...unit.at, kind, i];
    return typeof name === "string" && name !== "" && !unit.source.marks.isBroken(at) ? [{ name, at }] : [];
  });
}

function find(name: string, from: Unit, byPath: ReadonlyMap<string, Unit>): Unit | undefined {
  const sibling = byPath.get(pathWithin(from.parent, name));
  return (sibling === from ? undefined : sibling) ?? byPath.get(name) ?? sibling;
}

function pathWithin(group: Group, name: string): string {
  return group.path === "" ? name : `${group.path}.${name}`;
}

/** Why one unit cannot wait for another, whatever else is declared. */
function refusal(from: Unit, to: Unit): string | undefined {
  if (from === to) return "it cannot wait for itself";
  if (from.path.startsWith(`${to.path}.`)) return "it is part of that group, which is ready only when it is";
  if (to.path.startsWith(`${from.path}.`)) return "a group starts before what is in it";
  return undefined;
}

/** Each costs a comparison with every name of the application. */
const MAX_SUGGESTIONS = 100;

function suggest(name: string, from: Unit, byPath: ReadonlyMap<string, Unit>): string | undefined {
  const elsewhere = [...byPath.values()].find((unit) => unit.name === name && unit !== from);
  const siblings = [...from.parent.children.keys()].filter((sibling) => sibling !== from.name);
  return elsewhere?.path ?? closest(name, siblings) ?? closest(name, byPath.keys());
}
