import type { Spread } from "./statistics.ts";

/** Figures side by side; the first column names the row. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What one must know to read it. */
  readonly notes?: readonly string[];
}

/** What a figure is to reach. */
export type Target = { readonly atMost: number } | { readonly atLeast: number };

/** One figure that matters, and what it is to reach. */
export interface Goal {
  readonly measure: string;
  /** Null: it could not be measured, for the reason that `unit` then gives. */
  readonly value: number | null;
  /** Comes after the value: `" KiB"`, `"x"`. */
  readonly unit: string;
  readonly target: Target;
}

/** What a suite has found out. */
export interface Report {
  readonly tables: readonly Table[];
  readonly goals: readonly Goal[];
}

/** Whether a goal was reached. */
export function verdict({ value, target }: Goal): "met" | "missed" | "not measured" {
  if (value === null || Number.isNaN(value)) return "not measured";
  const met = "atMost" in target ? value <= target.atMost : value >= target.atLeast;
  return met ? "met" : "missed";
}

/** The goals as a table. */
export function goalTable(goals: readonly Goal[]): Table {
  return {
    title: "Targets",
    columns: ["measure", "measured", "target", ""],
    rows: goals.map((goal) => [goal.measure, measured(goal), wanted(goal), verdict(goal)]),
  };
}

function measured({ value, unit }: Goal): string {
  return value === null ? unit : `${figure(value)}${unit}`;
}

function wanted({ target, unit, value }: Goal): string {
  const [sign, bound] = "atMost" in target ? ["<=", target.atMost] : [">=", target.atLeast];
  return `${sign} ${bound}${value === null ? "" : unit}`;
}

/** Three significant digits, and no exponent. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "-";
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ",");
  return value.toFixed(size >= 10 ? 1 : 2);
}

/** `12.3 (11.9-13.0)` */
export function spreadFigure({ median, least, most }: Spread): string {
  return `${figure(median)} (${figure(least)}-${figure(most)})`;
}

/** For a terminal. */
export function plainTable({ title, columns, rows, notes = [] }: Table): string {
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...rows.map((row) => (row[i] ?? "").length))
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)).join("  ")
      .trimEnd();
  return [title, ...[columns, ...rows].map(line), ...notes].join("\n") + "\n";
}

/** For a document. */
export function markdownTable({ title, columns, rows, notes = [] }: Table, heading = "###"): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = columns.map((_, i) => i === 0 ? "---" : "---:");
  const body = [line(columns), line(rule), ...rows.map(line)].join("\n");
  return [`${heading} ${title}`, body, ...notes].join("\n\n") + "\n";
}
