import { printable } from "../log/_printable.ts";

/** A cell: its text, and how it is painted. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
  /** Numbers are easier to compare when they end together. */
  readonly right?: boolean;
}

/**
 * Rows as aligned columns, two spaces apart. What could steer a terminal is shown as escapes: names and messages
 * may come from strangers.
 */
export function textTable(rows: readonly (readonly Cell[])[]): string {
  const cells = rows.map((row) => row.map((cell) => ({ ...cell, text: printable(cell.text) })));
  const widths: number[] = [];
  for (const row of cells) {
    row.forEach(({ text }, i) => widths[i] = Math.max(widths[i] ?? 0, text.length));
  }
  return cells.map((row) => {
    const last = row.findLastIndex(({ text }) => text !== "");
    const padded = row.slice(0, last + 1).map(({ text, paint = (plain) => plain, right = false }, i) => {
      const gap = " ".repeat(widths[i]! - text.length);
      if (right) return gap + paint(text);
      return paint(text) + (i === last ? "" : gap);
    });
    return `${padded.join("  ")}\n`;
  }).join("");
}
