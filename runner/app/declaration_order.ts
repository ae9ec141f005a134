import { quote } from "../../services/text/quote.ts";
import type { Dependencies, Dependency } from "./dependencies.ts";
import type { Finding } from "./finding.ts";
import type { Strategy } from "../../services/application_spec.ts";
import type { Group, Unit } from "./units.ts";

/**
 * `needs` that contradict `rest-for-one`: there a failed unit takes those declared after it along, and they
 * start after it, so it cannot need one of them.
 */
export function findContradictions(
  dependencies: Dependencies,
  strategyOf: (group: Group) => Strategy,
): Finding[] {
  return [...dependencies.of.values()].flat()
    .filter((dependency) => dependency.kind === "needs" && contradicts(dependency, strategyOf))
    .map(({ from, to, at }) => ({
      source: from.source,
      path: at,
      message:
        `Cannot need ${quote(to.path)}: it is declared after ${quote(from.path)}, and its group restarts ` +
        "rest-for-one, in the order of declaration; declare it before",
    }));
}

function contradicts({ from, to }: Dependency, strategyOf: (group: Group) => Strategy): boolean {
  const [branchFrom, branchTo] = branches(from, to);
  const group = branchFrom.parent;
  if (strategyOf(group) !== "rest-for-one") return false;
  const order = [...group.children.values()];
  return order.indexOf(branchTo) > order.indexOf(branchFrom);
}

/** The two units themselves or groups that hold them, which are siblings. */
function branches(one: Unit, other: Unit): [Unit, Unit] {
  const ones = lineage(one);
  const others = lineage(other);
  let depth = 0;
  while (ones[depth] === others[depth]) depth++;
  return [ones[depth]!, others[depth]!];
}

/** The unit and the groups that hold it, the outermost first. */
function lineage(unit: Unit): Unit[] {
  const line: Unit[] = [unit];
  for (let group = unit.parent; group.kind === "group"; group = group.parent) {
    line.unshift(group);
  }
  return line;
}
