/** Thrown by `parse`. */
export class YamlSyntaxError extends SyntaxError {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** UTF-16 units from the start of the text. */
  readonly offset: number;
}
/** Parse one YAML document. */
export function parse(content: string): unknown;
