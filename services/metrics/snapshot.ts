/** What a metric is. */
export type MetricKind = "counter" | "gauge" | "histogram";

/** A family and all its values: plain data, that travels between processes. */
export interface FamilySnapshot {
  /** `http_requests_total`. */
  readonly name: string;
  /** One line for a reader. */
  readonly help: string;
  /** What its values are. */
  readonly kind: MetricKind;
  /** Names of its labels. */
  readonly labels: readonly string[];
  /** Of a histogram: the upper bounds of its classes. */
  readonly buckets?: readonly number[];
  /** One for each combination of label values that there is. */
  readonly samples: readonly Sample[];
}

/** One value of a family. */
export interface Sample {
  /** In the order of the family's labels. */
  readonly labels: readonly string[];
  /** Of a counter or gauge; of a histogram the sum of all that it observed. */
  readonly value: number;
  /** Of a histogram: how many it observed in each class (not added up), the last without a bound. */
  readonly counts?: readonly number[];
}
