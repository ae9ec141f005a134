/** Variables that say on whose behalf telemetry is sent. Deno reads them when it starts, and never again. */
export interface ResourceVariables {
  readonly OTEL_SERVICE_NAME: string;
  readonly OTEL_RESOURCE_ATTRIBUTES: string;
}

/**
 * What the environment lacks for the telemetry of `application` to bear its name and tell this instance from others;
 * null when nothing is sent, or its name is set.
 */
export function missingResource(
  application: string,
  env: (name: string) => string | undefined,
): ResourceVariables | null {
  const attributes = env("OTEL_RESOURCE_ATTRIBUTES") ?? "";
  if (!isTelemetryOn(env) || env("OTEL_SERVICE_NAME") || /(^|,)\s*service\.name=/.test(attributes)) {
    return null;
  }
  const instance = /(^|,)\s*service\.instance\.id=/.test(attributes)
    ? []
    : [`service.instance.id=${crypto.randomUUID()}`];
  return {
    OTEL_SERVICE_NAME: application,
    OTEL_RESOURCE_ATTRIBUTES: [...(attributes === "" ? [] : [attributes]), ...instance].join(","),
  };
}

/** Whether Deno exports telemetry. */
export function isTelemetryOn(env: (name: string) => string | undefined): boolean {
  return ["true", "1"].includes(env("OTEL_DENO") ?? "");
}
