import type { Path } from "./path.ts";
import type { Source } from "./source.ts";

/** A line and a column of a text, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A file whose text is known, if no more. */
export type Text = Pick<Source, "file" | "text">;

/** A problem before its place in the text has been looked up. */
export interface Finding {
  readonly source: Text & Partial<Source>;
  readonly path: Path;
  /** Is it the value that is wrong, or the key? A value that is not there is at its parent's key. Default `value`. */
  readonly at?: "value" | "key";
  readonly message: string;
  readonly suggestion?: string;
  /** Known already, as a parser's errors are; null: it has none. */
  readonly place?: Place | null;
}

/** The place of an offset in a text. */
export function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  return {
    line: before.split("\n").length,
    column: offset - before.lastIndexOf("\n"),
  };
}

/** `did you mean "x"?`, as part of a finding; nothing when there is no such word. */
export function suggesting(word: string | undefined): { suggestion?: string } {
  return word === undefined ? {} : { suggestion: `did you mean "${word}"?` };
}
