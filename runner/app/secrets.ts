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
        for (const form of spellings(value)) safe = mask(safe, form);
      }
    }
    return within ? safe.replace(QUOTED, (piece) => piece[0]! + MASK + piece[0]!) : safe;
  }
}

// In double quotes, backquotes, or single ones that are no apostrophe.
const QUOTED = /"(?:[^"\\]|\\.)*"|`[^`]*`|(?<![\p{L}\p{N}])'[^']*'(?![\p{L}\p{N}])/gu;

/** How much of a secret gives it away: messages cut long values short. */
const HEAD = 16;

/** Hide every piece of `message` that begins as `secret` does, as far as the two agree. */
function mask(message: string, secret: string): string {
  const head = secret.slice(0, HEAD);
  let safe = "";
  let position = 0;
  for (;;) {
    const start = message.indexOf(head, position);
    if (start === -1) return safe + message.slice(position);
    let length = head.length;
    while (length < secret.length && message[start + length] === secret[length]) length++;
    safe += message.slice(position, start) + MASK;
    position = start + length;
  }
}

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
