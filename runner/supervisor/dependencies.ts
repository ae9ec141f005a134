import type { ApplicationSpec, GroupSpec, ServiceSpec } from "../../services/application_spec.ts";

/** What is wrong with an `after` or `needs`. */
export interface DependencyProblem {
  /** The unit that says it. */
  readonly path: string;
  /** Where it says it. */
  readonly key: "after" | "needs";
  /** The path that it names. */
  readonly target: string;
  /** The whole problem, in one line. */
  readonly message: string;
}

/** Of a longer cycle, so many steps tell enough. */
const SHOWN_LINKS = 8;

type Spec = ServiceSpec | GroupSpec;

interface Node {
  readonly path: string;
  readonly spec: Spec;
  readonly parent: Node | null;
  readonly index: number;
  readonly children: Node[];
}

/**
 * Everything that is wrong with the dependencies of an application: names that do not exist, cycles, and
 * a `needs` or `after` that points forward in a `rest-for-one` group. To depend on a group is to depend on
 * all that is in it, and what a group depends on, all in it do: cycles through that count. Linear in units
 * and dependencies; no recursion over what a file says.
 */
export function findDependencyProblems(application: ApplicationSpec): DependencyProblem[] {
  const nodes = collect(application.root);
  const problems: DependencyProblem[] = [];
  for (const node of nodes.values()) {
    for (const { key, target } of dependencies(node)) {
      const message = nodes.has(target) ? contradiction(node, nodes.get(target)!) : "there is no such unit";
      if (message === null) continue;
      problems.push({
        path: node.path,
        key,
        target,
        message: `Cannot let "${node.path}" depend on "${target}": ${message}`,
      });
    }
  }
  problems.push(...findCycles(nodes));
  return problems;
}

/** The path of the child `name` of the unit at `parent`. */
export function childPath(parent: string, name: string): string {
  return parent === "" ? name : `${parent}.${name}`;
}

function collect(root: GroupSpec): Map<string, Node> {
  const nodes = new Map<string, Node>();
  const stack: Node[] = [{ path: "", spec: root, parent: null, index: 0, children: [] }];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    nodes.set(node.path, node);
    if (node.spec.kind === "service") continue;
    for (const [index, spec] of node.spec.children.entries()) {
      node.children.push({ path: childPath(node.path, spec.name), spec, parent: node, index, children: [] });
    }
    for (let i = node.children.length - 1; i >= 0; i--) stack.push(node.children[i]!);
  }
  return nodes;
}

function* dependencies(node: Node): Generator<{ key: "after" | "needs"; target: string }> {
  for (const target of node.spec.after) yield { key: "after", target };
  for (const target of node.spec.needs) yield { key: "needs", target };
}

/** Where the two stand under siblings of a `rest-for-one` group, the one that depends must be declared later. */
function contradiction(node: Node, target: Node): string | null {
  const [mine, its] = siblingsAbove(node, target);
  if (mine === its || mine.parent === null || its.parent !== mine.parent) return null;
  const group = mine.parent.spec;
  if (group.kind === "service" || group.strategy !== "rest-for-one" || its.index < mine.index) return null;
  return `"${its.path}" is declared after "${mine.path}" in a rest-for-one group`;
}

/** The ancestors of two units, or they themselves, that have the same parent. */
function siblingsAbove(a: Node, b: Node): [Node, Node] {
  let depthA = depth(a);
  let depthB = depth(b);
  for (; depthA > depthB; depthA--) a = a.parent!;
  for (; depthB > depthA; depthB--) b = b.parent!;
  while (a !== b && a.parent !== b.parent) [a, b] = [a.parent!, b.parent!];
  return [a, b];
}

function depth(node: Node): number {
  let depth = 0;
  for (let at = node.parent; at !== null; at = at.parent) depth++;
  return depth;
}

/** A moment in a unit's way up: it may start (`open`), or all of it is ready (`whole`). */
interface Moment {
  readonly node: Node;
  readonly before: { moment: Moment; key?: "after" | "needs" }[];
  mark: "new" | "on path" | "done";
}

function findCycles(nodes: ReadonlyMap<string, Node>): DependencyProblem[] {
  const wholes = moments(nodes);
  const problems: DependencyProblem[] = [];
  for (const start of wholes.values()) {
    const path: { moment: Moment; next: number; key?: "after" | "needs" }[] = [];
    const enter = (moment: Moment, key?: "after" | "needs"): void => {
      moment.mark = "on path";
      path.push(key === undefined ? { moment, next: 0 } : { moment, next: 0, key });
    };
    if (start.mark === "new") enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const edge = top.moment.before[top.next++];
      if (edge === undefined) {
        top.moment.mark = "done";
        path.pop();
      } else if (edge.moment.mark === "new") {
        enter(edge.moment, edge.key);
      } else if (edge.moment.mark === "on path") {
        const from = path.findIndex((step) => step.moment === edge.moment);
        problems.push(describeCycle([...path.slice(from), edge]));
      }
    }
  }
  return problems;
}

function moments(nodes: ReadonlyMap<string, Node>): Map<Node, Moment> {
  const open = new Map<Node, Moment>();
  const whole = new Map<Node, Moment>();
  for (const node of nodes.values()) {
    open.set(node, { node, before: [], mark: "new" });
    whole.set(node, { node, before: [], mark: "new" });
  }
  for (const node of nodes.values()) {
    if (node.parent !== null) open.get(node)!.before.push({ moment: open.get(node.parent)! });
    whole.get(node)!.before.push({ moment: open.get(node)! });
    for (const child of node.children) whole.get(node)!.before.push({ moment: whole.get(child)! });
    for (const { key, target } of dependencies(node)) {
      const other = nodes.get(target);
      if (other !== undefined) open.get(node)!.before.push({ moment: whole.get(other)!, key });
    }
  }
  return whole;
}

function describeCycle(steps: { moment: Moment; key?: "after" | "needs" }[]): DependencyProblem {
  // A step's key says why the one before it waits for it.
  const links = steps.flatMap((step, i) => {
    const by = steps[i - 1];
    return step.key === undefined || by === undefined
      ? []
      : [{ path: by.moment.node.path, key: step.key, target: step.moment.node.path }];
  });
  const first = links[0]!;
  const shown = links.slice(0, SHOWN_LINKS).map(({ path, key, target }) => `"${path}" ${key} "${target}"`);
  if (links.length > SHOWN_LINKS) shown.push(`and so on, ${links.length - SHOWN_LINKS} more`);
  return { ...first, message: `Cannot order "${first.path}": it waits for itself (${shown.join(", ")})` };
}
