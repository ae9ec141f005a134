import type { ServiceSpec } from "../../services/application_spec.ts";

/** `spec` with what a running instance embodies (all but the supervision settings) taken from `life`. */
export function withBehaviourOf(spec: ServiceSpec, life: ServiceSpec): ServiceSpec {
  const { hosting: _hosting, plugin: _plugin, process: _process, ...settings } = spec;
  return {
    ...settings,
    makeService: life.makeService,
    options: life.options,
    fingerprint: life.fingerprint,
    replace: life.replace,
    ...(life.hosting === undefined ? {} : { hosting: life.hosting }),
    ...(life.plugin === undefined ? {} : { plugin: life.plugin }),
    ...(life.process === undefined ? {} : { process: life.process }),
  };
}
