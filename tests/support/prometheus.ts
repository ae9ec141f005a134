/** One sample of a text that Prometheus scrapes. */
export interface ScrapedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A family of such a text. */
export interface ScrapedFamily {
  readonly type: string;
  readonly samples: ScrapedSample[];
}

/**
 * Reads Prometheus' text format 0.0.4, and refuses what deviates: every family with HELP and TYPE before its samples
 * and all of them together, no sample twice, histograms whose classes rise and agree with their count.
 */
export function parsePrometheus(text: string): Map<string, ScrapedFamily> {
  if (!text.endsWith("\n")) throw new Error("The last line does not end");
  const families = new Map<string, ScrapedFamily>();
  const seen = new Set<string>();
  let current: { name: string; family: ScrapedFamily } | null = null;
  let helped: string | null = null;
  for (const line of text.slice(0, -1).split("\n")) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line);
    if (comment !== null) {
      const [, kind, name, rest] = comment as unknown as [string, string, string, string];
      if (kind === "HELP") {
        if (families.has(name)) throw new Error(`HELP of ${name} twice`);
        if (!/^(?:[^\\]|\\[\\n])*$/.test(rest)) throw new Error(`HELP of ${name} is not escaped`);
        helped = name;
        continue;
      }
      if (helped !== name) throw new Error(`TYPE of ${name} without its HELP before it`);
      if (!["counter", "gauge", "histogram"].includes(rest)) throw new Error(`type ${rest}`);
      current = { name, family: { type: rest, samples: [] } };
      families.set(name, current.family);
      continue;
    }
    const sample = parseSample(line);
    if (current === null || !belongs(sample.name, current.name, current.family.type)) {
      throw new Error(`${sample.name} is outside of its family`);
    }
    const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
    if (seen.has(key)) throw new Error(`${line} twice`);
    seen.add(key);
    current.family.samples.push(sample);
  }
  for (const [name, family] of families) if (family.type === "histogram") checkHistogram(name, family);
  return families;
}

function belongs(sample: string, family: string, type: string): boolean {
  if (type !== "histogram") return sample === family;
  return ["_bucket", "_sum", "_count"].some((suffix) => sample === family + suffix);
}

function parseSample(line: string): ScrapedSample {
  const head = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{)?/.exec(line);
  if (head === null) throw new Error(`No sample: ${line}`);
  let rest = line.slice(head[0].length);
  const labels: Record<string, string> = {};
  if (head[2] !== undefined) {
    for (let closed = false; !closed;) {
      const label = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|\})/.exec(rest);
      if (label === null) throw new Error(`No label: ${rest}`);
      if (Object.hasOwn(labels, label[1]!)) throw new Error(`label ${label[1]} twice`);
      labels[label[1]!] = label[2]!.replace(/\\(.)/g, (_, c: string) => c === "n" ? "\n" : c);
      closed = label[3] === "}";
      rest = rest.slice(label[0].length);
    }
  }
  const value = /^ (NaN|[+-]Inf|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.exec(rest)?.[1];
  if (value === undefined) throw new Error(`No value: ${rest}`);
  return { name: head[1]!, labels, value: Number(value.replace("Inf", "Infinity")) };
}

function checkHistogram(name: string, { samples }: ScrapedFamily): void {
  const series = new Map<string, { buckets: [number, number][]; count?: number; sum?: number }>();
  for (const { name: full, labels: { le, ...labels }, value } of samples) {
    const key = JSON.stringify(labels);
    const one = series.get(key) ?? { buckets: [] };
    series.set(key, one);
    if (full.endsWith("_bucket")) one.buckets.push([Number(le!.replace("Inf", "Infinity")), value]);
    else if (full.endsWith("_count")) one.count = value;
    else one.sum = value;
  }
  for (const { buckets, count, sum } of series.values()) {
    const rises = buckets.every(([bound, value], i) =>
      i === 0 || (bound > buckets[i - 1]![0] && value >= buckets[i - 1]![1])
    );
    const [last] = buckets.slice(-1);
    if (!rises || last?.[0] !== Infinity || last[1] !== count || sum === undefined) {
      throw new Error(`Histogram ${name} contradicts itself`);
    }
  }
}
