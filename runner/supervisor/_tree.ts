import type { ApplicationSpec, GroupSpec, ServiceSpec } from "../../services/application_spec.ts";
import { childPath } from "./dependencies.ts";
import { GroupUnit, isExcused, isLeaving, type Life, lineage, ServiceUnit, type Unit } from "./_unit.ts";
import { UNIT_STATES } from "../../services/supervision/unit_state.ts";

/**
 * All units of an application, linked. Units stand in the order of declaration, depth first, so that what is
 * in a group is a range. Nothing after the construction searches: every count is kept where it is asked for.
 */
export class Tree {
  readonly name: string;
  readonly root: GroupUnit;
  readonly units: Map<string, Unit> = new Map();
  readonly services: ServiceUnit[] = [];
  readonly groups: GroupUnit[] = [];

  /**
   * Units of `before` that stand in `spec` at the same path, and are the same kind, live on in this tree.
   * The dependencies must be sound: see `findDependencyProblems`.
   */
  constructor(spec: ApplicationSpec, before?: Tree) {
    this.name = spec.name;
    this.root = this.#addGroup("", spec.root, null, 0, before);
    for (const unit of this.units.values()) this.#link(unit);
    for (const unit of this.units.values()) count(unit);
  }

  /** The services in a group, in the order of declaration. */
  *servicesIn(unit: Unit): Generator<ServiceUnit> {
    if (unit.kind === "service") return void (yield unit);
    for (let i = unit.services.first; i < unit.services.end; i++) yield this.services[i]!;
  }

  /** The group and the groups in it, outer before inner. */
  *groupsIn(unit: Unit): Generator<GroupUnit> {
    if (unit.kind === "service") return;
    for (let i = unit.groups.first; i < unit.groups.end; i++) yield this.groups[i]!;
  }

  /** The application as it is now; after a rolled back replacement not quite what was applied. */
  toSpec(): ApplicationSpec {
    return { name: this.name, root: groupSpec(this.root) };
  }

  #add(path: string, spec: ServiceSpec | GroupSpec, parent: GroupUnit, index: number, before?: Tree): Unit {
    if (spec.kind === "group") return this.#addGroup(path, spec, parent, index, before);
    const old = before?.units.get(path);
    const unit = old?.kind === "service" ? old : new ServiceUnit(path, spec);
    unit.spec = spec;
    this.#place(unit, parent, index);
    this.services.push(unit);
    return unit;
  }

  #addGroup(
    path: string,
    spec: GroupSpec,
    parent: GroupUnit | null,
    index: number,
    before?: Tree,
  ): GroupUnit {
    const old = before?.units.get(path);
    const group = old?.kind === "group" ? old : new GroupUnit(path, spec);
    group.spec = spec;
    this.#place(group, parent, index);
    const [firstService, firstGroup] = [this.services.length, this.groups.length];
    this.groups.push(group);
    group.children = spec.children.map((child, i) =>
      this.#add(childPath(path, child.name), child, group, i, before)
    );
    group.services = { first: firstService, end: this.services.length };
    group.groups = { first: firstGroup, end: this.groups.length };
    return group;
  }

  #place(unit: Unit, parent: GroupUnit | null, index: number): void {
    unit.parent = parent;
    unit.index = index;
    unit.neededBy.length = 0;
    unit.followedBy.length = 0;
    unit.unmet = unit.unpassed = unit.leavingFirst = 0;
    unit.live = unit.leaving = 0;
    if (unit.kind === "group") {
      unit.depth = parent === null ? 0 : parent.depth + 1;
      for (const state of UNIT_STATES) unit.tally[state] = 0;
      unit.excused = unit.significant = unit.significantFinished = 0;
    }
    this.units.set(unit.path, unit);
  }

  #link(unit: Unit): void {
    unit.needs = unit.spec.needs.flatMap((path) => this.units.get(path) ?? []);
    unit.after = unit.spec.after.flatMap((path) => this.units.get(path) ?? []);
    for (const need of unit.needs) need.neededBy.push(unit);
    for (const other of unit.after) other.followedBy.push(unit);
  }
}

/** Count `unit`, as it stands, wherever it is counted. */
function count(unit: Unit): void {
  unit.unmet = unit.needs.filter((need) => !need.met).length;
  unit.unpassed = unit.after.filter((other) => !other.passed).length;
  if (unit.parent !== null) {
    unit.parent.tally[unit.state]++;
    if (isExcused(unit, unit.state)) unit.parent.excused++;
    if (unit.spec.significant) unit.parent.significant++;
    if (unit.spec.significant && unit.state === "finished") unit.parent.significantFinished++;
  }
}

/** Count a life in, or out again, with its unit and the groups around it. */
export function countLife(unit: ServiceUnit, by: 1 | -1): void {
  unit.live += by;
  for (let at: Unit = unit; at.parent !== null; at = at.parent) {
    at.parent.live += by;
    const round = at.parent.round;
    if (round !== null && at.index >= round.from) round.live += by;
  }
}

/** What the life's unit, and the groups around it, come after. */
export function* predecessors(unit: ServiceUnit): Generator<Unit> {
  for (const at of lineage(unit)) {
    yield* at.needs;
    yield* at.after;
  }
}

/** Count lives in again, after their units got a new place. */
export function recountLives(lives: Iterable<Life>): void {
  for (const life of lives) {
    countLife(life.unit, 1);
    if (life.phase === "leaving") { for (const at of lineage(life.unit)) at.leaving++; }
    if (isLeaving(life)) { for (const unit of predecessors(life.unit)) unit.leavingFirst++; }
  }
}

function groupSpec(group: GroupUnit): GroupSpec {
  return {
    ...group.spec,
    children: group.children.map((child) => child.kind === "group" ? groupSpec(child) : child.spec),
  };
}
