import type { Report } from "./report.ts";

/** How thoroughly to measure. */
export interface Settings {
  /** How often each contender has its turn. */
  readonly rounds: number;
  /** How long one measurement of throughput or CPU lasts. */
  readonly seconds: number;
  /** What is being done just now, for who waits. */
  readonly progress: (text: string) => void;
}

/** Measures that belong together. */
export interface Suite {
  readonly summary: string;
  run(settings: Settings): Promise<Report>;
}
