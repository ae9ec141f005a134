/** What stands in messages where a secret was. */
const MASK = "***";

/** Shorter ones are not looked for outside of their own place: hiding each "1" of a message would only tell of it. */
const MIN_LENGTH = 4;

/** The secrets of an application, to keep them out of messages. */
export class Secrets {
  readonly #values = new Set<string>();

  /** Remember a secret value. */
  add(value: string): void {
    if (value !== "") this.#values.add(value);
  }

  /**
   * A message without secrets. Validators quote the value that they refuse, whole or in part: where the value
   * itself is secret (`within`), all that is quoted is hidden.
   */
  redact(message: string, within = false): string {
    let safe = message;
    for (const value of this.#values) {
      if (within || value.length >= MIN_LENGTH) {
        for (const form of spellings(value)) safe = safe.replaceAll(form, MASK);
      }
    }
    return within ? safe.replace(QUOTED, (piece) => piece[0]! + MASK + piece[0]!) : safe;
  }
}

// In double quotes, backquotes, or single ones that are no apostrophe.
const QUOTED = /"(?:[^"\\]|\\.)*"|`[^`]*`|(?<![\p{L}\p{N}])'[^']*'(?![\p{L}\p{N}])/gu;

/** Longest first: a shorter one may be within. */
function spellings(value: string): string[] {
  const escaped = JSON.stringify(value).slice(1, -1);
  return [...new Set([encodeURIComponent(value.toWellFormed()), escaped, value, value.trim()])]
    .filter((form) => form !== "").sort((a, b) => b.length - a.length);
}

/** Is a variable of this name taken for a secret? */
export function isSecretName(name: string): boolean {
  return /secret|passw|passphrase|token|key|credential/i.test(name);
}
