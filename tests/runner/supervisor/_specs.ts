import {
  type ApplicationSpec,
  type GroupSpec,
  SERVICE_DEFAULTS,
  type ServiceSpec,
  SIGNIFICANT_GIVE_UP,
  UNIT_DEFAULTS,
} from "../../../services/application_spec.ts";

/** A service specification with defaults for all that is not said. */
export function service(name: string, settings: Partial<ServiceSpec> = {}): ServiceSpec {
  return {
    kind: "service",
    name,
    ...UNIT_DEFAULTS,
    ...SERVICE_DEFAULTS,
    giveUp: settings.significant ? SIGNIFICANT_GIVE_UP : null,
    makeService: () => ({ start() {} }),
    fingerprint: "1",
    options: {},
    ...settings,
  };
}

/** A group specification; one-for-one when nothing is said. */
export function group(
  name: string,
  children: readonly (ServiceSpec | GroupSpec)[],
  settings: Partial<GroupSpec> = {},
): GroupSpec {
  return {
    kind: "group",
    name,
    ...UNIT_DEFAULTS,
    giveUp: settings.significant ? SIGNIFICANT_GIVE_UP : null,
    strategy: "one-for-one",
    children,
    ...settings,
  };
}

/** An application whose root group has these children. */
export function application(
  children: readonly (ServiceSpec | GroupSpec)[],
  settings: Partial<GroupSpec> = {},
): ApplicationSpec {
  return { name: "test", root: group("", children, settings) };
}
