import type { Path } from "./path.ts";
import { formatPath } from "./path.ts";

/** One file of an application: its text, and the value it stands for after interpolation. */
export interface Source {
  /** As named by the operator or by the including file; what messages show and what is opened. */
  readonly file: string;
  readonly text: string;
  readonly value: unknown;
  readonly marks: Marks;
}

/** What interpolation did, by path. */
export class Marks {
  readonly #marks = new Map<string, "plain" | "secret" | "broken">();

  add(path: Path, mark: "plain" | "secret" | "broken"): void {
    this.#marks.set(formatPath(path), mark);
  }

  /** Was the scalar at `path` put together from variables or files? */
  isInterpolated(path: Path): boolean {
    return this.#marks.has(formatPath(path));
  }

  /** Is there a secret at `path`? */
  isSecret(path: Path): boolean {
    return this.#marks.get(formatPath(path)) === "secret";
  }

  /** Is `path` within something that could not be interpolated? What else is wrong there says nothing new. */
  isBroken(path: Path): boolean {
    for (let length = path.length; length > 0; length--) {
      if (this.#marks.get(formatPath(path.slice(0, length))) === "broken") return true;
    }
    return false;
  }
}
