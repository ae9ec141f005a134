import type { Path } from "./path.ts";
import type { GroupSettings, ServiceSettings } from "./schema.ts";
import type { Source } from "./source.ts";

/** What services and groups of the file have in common. */
interface UnitCommon {
  /** Its key. */
  readonly name: string;
  /** From the outermost services down, joined by dots: `backend.store`. */
  readonly path: string;
  /** Where it is written. */
  readonly source: Source;
  readonly at: Path;
  readonly parent: Group;
}

/** A service as written. */
export interface ServiceUnit extends UnitCommon {
  readonly kind: "service";
  /** As written, whatever it is. */
  readonly written: Readonly<Record<string, unknown>>;
  /** Absent when it is not valid. */
  readonly settings?: ServiceSettings;
}

/** A group as written. */
export interface GroupUnit extends UnitCommon {
  readonly kind: "group";
  readonly written: Readonly<Record<string, unknown>>;
  readonly settings?: GroupSettings;
  /** In the order of declaration. */
  readonly children: Map<string, Unit>;
}

export type Unit = ServiceUnit | GroupUnit;

/** The outermost group. */
export interface RootGroup {
  readonly kind: "root";
  readonly path: "";
  readonly children: Map<string, Unit>;
}

/** What holds units. */
export type Group = GroupUnit | RootGroup;

/** All units of a group, each before what it holds. */
export function* unitsWithin(group: Group): Generator<Unit> {
  for (const unit of group.children.values()) {
    yield unit;
    if (unit.kind === "group") yield* unitsWithin(unit);
  }
}
