/** Something wrong in an application file, with its place: what the operator reads. */
export interface FileProblem {
  /** The file as it was named on the command line or in `include`. */
  readonly file: string;
  /** From 1; absent when the problem has no place in the text, as when the file cannot be read. */
  readonly line?: number;
  /** From 1, in UTF-16 units. */
  readonly column?: number;
  /** `services.web.options.listen`; empty for the file as a whole. */
  readonly path: string;
  /** Action first, without a full stop. Never holds a secret. */
  readonly message: string;
  /** What was probably meant: `did you mean "listen"?`. */
  readonly suggestion?: string;
  /** The line of the file that is meant. */
  readonly sourceLine?: string;
}
