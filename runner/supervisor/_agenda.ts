import type { GroupUnit, ServiceUnit, Unit } from "./_unit.ts";

/**
 * Units to look at. Groups come before services, inner before outer: what a group is follows from its children,
 * and no service may start, or stay, by what a group was a moment ago.
 */
export class Agenda {
  #services: ServiceUnit[] = [];
  #taken = 0;
  /** By depth. */
  readonly #groups: GroupUnit[][] = [];
  #deepest = -1;

  add(unit: Unit): void {
    if (unit.kind === "service") return void this.#services.push(unit);
    while (this.#groups.length <= unit.depth) this.#groups.push([]);
    this.#groups[unit.depth]!.push(unit);
    this.#deepest = Math.max(this.#deepest, unit.depth);
  }

  /** The next unit; null when there is none. */
  take(): Unit | null {
    for (; this.#deepest >= 0; this.#deepest--) {
      const group = this.#groups[this.#deepest]!.pop();
      if (group !== undefined) return group;
    }
    // Indexed, not shifted: a queue of 10,000 must not be moved 10,000 times.
    const service = this.#services[this.#taken++];
    if (service !== undefined) return service;
    this.#services = [];
    this.#taken = 0;
    return null;
  }
}
