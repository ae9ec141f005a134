import { MAX_MESSAGE, RECORD_SEPARATOR } from "./protocol.ts";

/** A line of a process's output: a message, or what its program printed. */
export type OutputLine =
  | { readonly kind: "message"; readonly text: string }
  | { readonly kind: "print"; readonly text: string };

/** Most characters of a printed line; a longer one comes in pieces. */
const MAX_PRINTED = 8 << 10;

/**
 * Takes a process's output apart as it comes, in memory of bounded size.
 */
export class OutputDecoder {
  readonly #decoder = new TextDecoder();
  #rest = "";

  /**
   * The lines that `chunk` completes.
   * @throws {RangeError} when a message is longer than {@linkcode MAX_MESSAGE}
   */
  feed(chunk: Uint8Array): OutputLine[] {
    const pieces = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split("\n");
    this.#rest = pieces.pop()!;
    const lines = pieces.flatMap(linesOf);
    if (this.#rest.length > MAX_PRINTED) {
      const separator = this.#rest.indexOf(RECORD_SEPARATOR);
      if (separator === -1) {
        lines.push({ kind: "print", text: this.#rest });
        this.#rest = "";
      } else if (this.#rest.length - separator > MAX_MESSAGE) {
        throw new RangeError(`a message of its process is longer than ${MAX_MESSAGE} characters`);
      }
    }
    return lines;
  }
}

/** A plugin may have printed the begin of a line just before a message. */
function linesOf(line: string): OutputLine[] {
  const separator = line.indexOf(RECORD_SEPARATOR);
  if (separator === -1) return line === "" ? [] : [{ kind: "print", text: line }];
  const message: OutputLine = { kind: "message", text: line.slice(separator + 1) };
  return separator === 0 ? [message] : [{ kind: "print", text: line.slice(0, separator) }, message];
}
