import type { Dependencies, Dependency } from "./dependencies.ts";
import type { Finding } from "./finding.ts";
import { type RootGroup, type Unit, unitsWithin } from "./units.ts";

/**
 * A moment in a unit's life and what it waits for. A unit starts after its group has started and what it
 * depends on is ready; a group is ready when all in it are.
 */
interface Moment {
  readonly unit: Unit;
  readonly what: "start" | "ready";
}

interface Edge {
  readonly to: Moment;
  /** The dependency that is the edge's reason, if it is not the tree. */
  readonly dependency?: Dependency;
}

/**
 * The circles in which units wait for one another, each at the first entry of `needs` or `after` that is part
 * of it. Of circles that share a unit one is reported: the rest may be gone when that is mended.
 */
export function findCycles(root: RootGroup, dependencies: Dependencies): Finding[] {
  const graph = new MomentGraph(dependencies);
  const findings: Finding[] = [];
  const done = new Set<Moment>();
  const reported = new Set<Unit>();
  for (const unit of unitsWithin(root)) {
    for (const cycle of cyclesFrom(graph.moment(unit, "ready"), graph, done)) {
      const units = cycle.map((edge) => edge.to.unit);
      if (units.some((member) => reported.has(member))) continue;
      for (const member of units) reported.add(member);
      findings.push(describe(cycle));
    }
  }
  return findings;
}

class MomentGraph {
  readonly #moments = new Map<Unit, Record<Moment["what"], Moment>>();
  readonly #dependencies: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** The same object for the same moment. */
  moment(unit: Unit, what: Moment["what"]): Moment {
    let moments = this.#moments.get(unit);
    if (moments === undefined) {
      this.#moments.set(unit, moments = { start: { unit, what: "start" }, ready: { unit, what: "ready" } });
    }
    return moments[what];
  }

  *edges({ unit, what }: Moment): Generator<Edge> {
    if (what === "ready") {
      yield { to: this.moment(unit, "start") };
      if (unit.kind !== "group") return;
      for (const child of unit.children.values()) yield { to: this.moment(child, "ready") };
      return;
    }
    if (unit.parent.kind === "group") yield { to: this.moment(unit.parent, "start") };
    for (const dependency of this.#dependencies.of.get(unit) ?? []) {
      yield { to: this.moment(dependency.to, "ready"), dependency };
    }
  }
}

interface Step {
  readonly moment: Moment;
  readonly edges: Iterator<Edge>;
  /** What led here. */
  readonly via?: Edge;
}

/** Depth-first, on a stack of its own: a chain may be longer than the engine's. */
function* cyclesFrom(start: Moment, graph: MomentGraph, done: Set<Moment>): Generator<Edge[]> {
  if (done.has(start)) return;
  const steps: Step[] = [{ moment: start, edges: graph.edges(start) }];
  const depths = new Map<Moment, number>([[start, 0]]);
  while (steps.length > 0) {
    const step = steps.at(-1)!;
    const { value: edge, done: isLast } = step.edges.next();
    if (isLast) {
      steps.pop();
      depths.delete(step.moment);
      done.add(step.moment);
      continue;
    }
    const depth = depths.get(edge.to);
    if (depth !== undefined) {
      yield [...steps.slice(depth + 1).map((inner) => inner.via!), edge];
    } else if (!done.has(edge.to)) {
      depths.set(edge.to, steps.length);
      steps.push({ moment: edge.to, edges: graph.edges(edge.to), via: edge });
    }
  }
}

function describe(cycle: readonly Edge[]): Finding {
  const names = cycle.map((edge) => edge.to.unit.path).filter((name, i, all) => name !== all.at(i - 1));
  const dependency = cycle.find((edge) => edge.dependency !== undefined)!.dependency!;
  // Start with the unit whose entry is pointed at.
  const start = Math.max(0, names.indexOf(dependency.from.path));
  const chain = [...names.slice(start), ...names.slice(0, start)];
  const { from: { source }, at } = dependency;
  return {
    source,
    path: at,
    message: `Cannot start: a circle of dependencies ${show([...chain, chain[0]!])}`,
  };
}

const SHOWN = 6;

function show(chain: readonly string[]): string {
  const left = chain.length - 2 * SHOWN;
  const parts = left <= 0
    ? chain
    : [...chain.slice(0, SHOWN), `... ${left} more ...`, ...chain.slice(-SHOWN)];
  return parts.join(" -> ");
}
