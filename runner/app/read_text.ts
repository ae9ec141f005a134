import { type Place, placeOf } from "./finding.ts";

/** Most bytes of an application file; more is no application file. */
export const MAX_FILE_SIZE = 1024 * 1024;

/**
 * Reads a file, or its first `limit` bytes if it is longer.
 * @throws {Deno.errors.NotFound} and whatever else opening and reading throws
 */
export type ReadFile = (path: string, limit: number) => Promise<Uint8Array>;

/** A file that cannot be read as text. The message completes `Cannot read "app.yaml": `. */
export class TextError extends Error {
  override readonly name = "TextError";
  readonly place: Place | null;

  constructor(message: string, place: Place | null = null) {
    super(message);
    this.place = place;
  }
}

/** Reads from the disk, never more than `limit` bytes, whatever the file's size claims to be. */
export async function readFileBounded(path: string, limit: number): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(limit);
  let length = 0;
  while (length < limit) {
    const count = await file.read(bytes.subarray(length));
    if (count === null) break;
    length += count;
  }
  return bytes.slice(0, length);
}

/**
 * Read a text file of at most `maxSize` bytes.
 * @throws {TextError} when it is longer or not UTF-8 text
 * @throws what `readFile` throws
 */
export async function readText(path: string, readFile: ReadFile, maxSize = MAX_FILE_SIZE): Promise<string> {
  const bytes = await readFile(path, maxSize + 1);
  if (bytes.length > maxSize) throw new TextError(`it is longer than ${maxSize} bytes`);
  const text = decode(bytes);
  const control = CONTROL.exec(text);
  if (control !== null) {
    const code = text.charCodeAt(control.index).toString(16).toUpperCase().padStart(4, "0");
    throw new TextError(
      `it holds the control character U+${code}, which no text file does`,
      placeOf(text, control.index),
    );
  }
  return text;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new TextError("it is not UTF-8 text");
  }
}

// What YAML calls non-printable; written as escapes it may still occur in a quoted scalar.
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]/;

/** Why the operating system would not give a file, in the words of a message. */
export function describeReadFailure(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "no such file";
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return "permission denied";
  }
  if (error instanceof Deno.errors.IsADirectory) return "it is a directory";
  if (error instanceof Error) return error.message;
  return String(error);
}
