import type { StandardSchema } from "../../services/plugin/standard_schema.ts";
import { quote } from "../../services/text/quote.ts";
import type { Finding } from "./finding.ts";
import type { Path } from "./path.ts";
import {
  type ApplicationFile,
  applicationFileSchema,
  groupSchema,
  type GroupSettings,
  includedFileSchema,
  NOT_YET,
  serviceSchema,
  type ServiceSettings,
  UNIT_NAME,
} from "./schema.ts";
import type { Secrets } from "./secrets.ts";
import type { Source } from "./source.ts";
import { validate } from "./validate.ts";

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

/** All that the files declare. */
export interface Declarations {
  readonly root: RootGroup;
  /** The main file's settings; absent when they are not valid. */
  readonly settings?: ApplicationFile;
  readonly findings: readonly Finding[];
}

/**
 * Join the services of all files, included ones first, each validated by itself: one that is wrong does not
 * hide what is wrong with the next.
 */
export async function declareUnits(
  sources: readonly Source[],
  main: string,
  secrets: Secrets,
): Promise<Declarations> {
  const collector = new Collector(secrets);
  const root: RootGroup = { kind: "root", path: "", children: new Map() };
  let settings: ApplicationFile | undefined;
  for (const source of sources) {
    const isMain = source.file === main;
    const part = { source, path: [], secrets };
    // An empty file is null.
    const value = source.value ?? {};
    const file = await validate<ApplicationFile>(
      isMain ? applicationFileSchema : includedFileSchema as StandardSchema<unknown, ApplicationFile>,
      value,
      part,
    );
    if (!file.ok) collector.add(file.findings.map((finding) => isMain ? finding : explainIncluded(finding)));
    else if (isMain) settings = file.value;
    const services = (value as { services?: unknown }).services;
    if (isMapping(services)) await collector.collect(services, root, source, ["services"]);
  }
  return { root, findings: collector.findings, ...(settings !== undefined && { settings }) };
}

function explainIncluded(finding: Finding): Finding {
  const key = String(finding.path.at(-1));
  if (finding.path.length !== 1 || !Object.hasOwn(applicationFileSchema.shape, key)) return finding;
  const { suggestion: _, ...rest } = finding;
  return { ...rest, message: `Cannot set ${quote(key)} in an included file: it belongs in the main one` };
}

class Collector {
  readonly findings: Finding[] = [];
  readonly #secrets: Secrets;

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  add(findings: readonly Finding[]): void {
    this.findings.push(...findings);
  }

  async collect(services: Record<string, unknown>, parent: Group, source: Source, at: Path): Promise<void> {
    for (const [name, written] of Object.entries(services)) {
      const here = [...at, name];
      if (!UNIT_NAME.test(name)) {
        const message = `Cannot name a service ${
          quote(name)
        }: use up to 64 letters, digits, "-" and "_", a letter first`;
        this.add([{ source, path: here, at: "key", message }]);
      }
      const other = parent.children.get(name);
      if (other !== undefined) this.#addDuplicate(source, here, other);
      else await this.#declare(name, written, parent, source, here);
    }
  }

  #addDuplicate(source: Source, path: Path, other: Unit): void {
    const name = quote(String(path.at(-1)));
    const twice = (elsewhere: Source): string =>
      `Cannot declare ${name} twice: it is declared in ${quote(elsewhere.file)} too`;
    this.add([
      { source, path, at: "key", message: twice(other.source) },
      { source: other.source, path: other.at, at: "key", message: twice(source) },
    ]);
  }

  async #declare(name: string, written: unknown, parent: Group, source: Source, at: Path): Promise<void> {
    if (!isMapping(written)) {
      const message = 'Must be a mapping with "plugin" (a service) or "services" (a group)';
      this.add([{ source, path: at, message }]);
      return;
    }
    const path = parent.path === "" ? name : `${parent.path}.${name}`;
    const common = { name, path, source, at, parent, written };
    if (!("services" in written)) {
      const settings = await this.#validate<ServiceSettings>(serviceSchema, common);
      parent.children.set(name, { ...common, kind: "service", ...settings });
      return;
    }
    const settings = await this.#validate<GroupSettings>(groupSchema, common);
    const group: GroupUnit = { ...common, kind: "group", ...settings, children: new Map() };
    parent.children.set(name, group);
    if (isMapping(written.services)) await this.collect(written.services, group, source, [...at, "services"]);
  }

  async #validate<T>(
    schema: StandardSchema<unknown, T>,
    { source, at, written }: Pick<UnitCommon, "source" | "at"> & { written: Record<string, unknown> },
  ): Promise<{ settings?: T }> {
    const validated = await validate(schema, written, { source, path: at, secrets: this.#secrets });
    if (validated.ok) return { settings: validated.value };
    this.add(validated.findings.map((finding) => explainKey(finding, at, "services" in written)));
    return {};
  }
}

/** Say more of keys that are unknown here, but not in the world. */
function explainKey(finding: Finding, at: Path, isGroup: boolean): Finding {
  const key = finding.path[at.length];
  if (finding.at !== "key" || finding.path.length !== at.length + 1 || typeof key !== "string") {
    return finding;
  }
  const { suggestion: _, ...rest } = finding;
  if (NOT_YET.has(key)) {
    return { ...rest, message: `Cannot use ${quote(key)}: it is not available in this version` };
  }
  if (isGroup && Object.hasOwn(serviceSchema.shape, key)) {
    return {
      ...rest,
      message: `Cannot use ${quote(key)} in a group: what has "services" is no service itself`,
    };
  }
  if (!isGroup && key === "strategy") {
    return {
      ...rest,
      message: 'Cannot use "strategy" in a service: it is for groups, which have "services"',
    };
  }
  return finding;
}

/** All units of a group, each before what it holds. */
export function* unitsWithin(group: Group): Generator<Unit> {
  for (const unit of group.children.values()) {
    yield unit;
    if (unit.kind === "group") yield* unitsWithin(unit);
  }
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
