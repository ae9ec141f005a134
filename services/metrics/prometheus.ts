import type { FamilySnapshot, Sample } from "./snapshot.ts";

/** The media type of {@linkcode prometheusText}. */
export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Metrics as Prometheus reads them: its text format, version 0.0.4. The classes of a histogram are added up, as
 * the format wants them.
 */
export function prometheusText(families: readonly FamilySnapshot[]): string {
  return families.map(familyText).join("");
}

function familyText(family: FamilySnapshot): string {
  const { name, help, kind, samples } = family;
  const lines = [`# HELP ${name} ${escapeHelp(help)}\n`, `# TYPE ${name} ${kind}\n`];
  for (const sample of samples) {
    if (kind === "histogram") lines.push(histogramText(family, sample));
    else lines.push(line(name, family.labels, sample.labels, sample.value));
  }
  return lines.join("");
}

function histogramText({ name, labels, buckets = [] }: FamilySnapshot, sample: Sample): string {
  const { counts = [], value } = sample;
  const bounds = [...buckets, Infinity];
  let total = 0;
  const classes = bounds.map((bound, i) => {
    total += counts[i] ?? 0;
    return line(`${name}_bucket`, [...labels, "le"], [...sample.labels, number(bound)], total);
  });
  return [
    ...classes,
    line(`${name}_sum`, labels, sample.labels, value),
    line(`${name}_count`, labels, sample.labels, total),
  ].join("");
}

function line(name: string, labels: readonly string[], values: readonly string[], value: number): string {
  const pairs = labels.map((label, i) => `${label}="${escapeValue(values[i] ?? "")}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${number(value)}\n`;
}

function number(value: number): string {
  return value === Infinity ? "+Inf" : value === -Infinity ? "-Inf" : String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeValue(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
