import type { StandardSchema } from "../../services/plugin/standard_schema.ts";
import { quote } from "../../services/text/quote.ts";
import { explainIncludedKey, explainUnitKey } from "./explain_key.ts";
import type { Finding } from "./finding.ts";
import type { Path } from "./path.ts";
import {
  type ApplicationFile,
  applicationFileSchema,
  groupSchema,
  type GroupSettings,
  includedFileSchema,
  serviceSchema,
  type ServiceSettings,
  UNIT_NAME,
} from "./schema.ts";
import type { Source } from "./source.ts";
import type { Group, GroupUnit, RootGroup, Unit } from "./units.ts";
import { validate } from "./validate.ts";

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
): Promise<Declarations> {
  const collector = new Collector();
  const root: RootGroup = { kind: "root", path: "", children: new Map() };
  let settings: ApplicationFile | undefined;
  for (const source of sources) {
    const isMain = source.file === main;
    const part = { source, path: [] };
    // An empty file is null.
    const value = source.value ?? {};
    const file = await validate<ApplicationFile>(
      isMain ? applicationFileSchema : includedFileSchema as StandardSchema<unknown, ApplicationFile>,
      value,
      part,
    );
    if (!file.ok) {
      collector.add(file.findings.map((finding) => isMain ? finding : explainIncludedKey(finding)));
    } else if (isMain) settings = file.value;
    const services = (value as { services?: unknown }).services;
    if (isMapping(services)) await collector.collect(services, root, source, ["services"]);
  }
  return { root, findings: collector.findings, ...(settings !== undefined && { settings }) };
}

class Collector {
  readonly findings: Finding[] = [];

  add(findings: readonly Finding[]): void {
    this.findings.push(...findings);
  }

  async collect(services: Record<string, unknown>, parent: Group, source: Source, at: Path): Promise<void> {
    for (const [name, written] of Object.entries(services)) {
      const here = [...at, name];
      if (!UNIT_NAME.test(name)) {
        const rule = 'use up to 64 letters, digits, "-" and "_", a letter first';
        this.add([{
          source,
          path: here,
          at: "key",
          message: `Cannot name a service ${quote(name)}: ${rule}`,
        }]);
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
    const path = parent.path === "" ? name : `${parent.path}.${name}`;
    if (!isMapping(written)) {
      const message = 'Must be a mapping with "plugin" (a service) or "services" (a group)';
      this.add([{ source, path: at, message }]);
      // Others may name it all the same.
      parent.children.set(name, { kind: "service", name, path, source, at, parent, written: {} });
      return;
    }
    const common = { name, path, source, at, parent, written };
    if (!("services" in written)) {
      const settings = await this.#validate<ServiceSettings>(serviceSchema, common);
      parent.children.set(name, { ...common, kind: "service", ...settings });
      return;
    }
    const settings = await this.#validate<GroupSettings>(groupSchema, common);
    const group: GroupUnit = { ...common, kind: "group", ...settings, children: new Map() };
    parent.children.set(name, group);
    if (!isMapping(written.services)) return;
    await this.collect(written.services, group, source, [...at, "services"]);
    if (Object.keys(written.services).length === 0) {
      const message = `Cannot have a group without services: declare one in ${quote(name)} or remove it`;
      this.add([{ source, path: [...at, "services"], message }]);
    }
  }

  async #validate<T>(
    schema: StandardSchema<unknown, T>,
    { source, at, written }: Pick<Unit, "source" | "at"> & { written: Record<string, unknown> },
  ): Promise<{ settings?: T }> {
    const validated = await validate(schema, written, { source, path: at });
    if (validated.ok) return { settings: validated.value };
    this.add(validated.findings.map((finding) => explainUnitKey(finding, at, "services" in written)));
    return {};
  }
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
