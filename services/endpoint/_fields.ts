import { Fault } from "./_fault.ts";

/** A field of an endpoint string: between two colons, without escapes. A positional has no key. */
export interface Field {
  readonly key?: string;
  readonly value: string;
}

const ESCAPABLE = new Set([":", "=", "\\"]);
// An IPv6 address in brackets is one value, colons and all.
const BRACKETED = /\[[^\[\]\\=]*\](?=:|$)/y;

/**
 * The tokenizer. Colons separate fields; the first `=` of a field separates its key from its value; a `\`
 * makes the `:`, `=` or `\` after it an ordinary character; a value in brackets is taken whole.
 *
 * So `=` always makes a keyword, and a value that has one in it is written `\=`: whoever forgets is told
 * that the keyword is unknown.
 */
export function splitFields(text: string): Field[] {
  const fields: Field[] = [];
  let key: string | undefined;
  let value = "";
  const endField = () => {
    fields.push(key === undefined ? { value } : { key, value });
    key = undefined;
    value = "";
  };
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === ":") {
      endField();
    } else if (character === "=" && key === undefined) {
      key = value;
      value = "";
    } else if (character === "\\") {
      value += escaped(text, ++at);
    } else if (character === "[" && value === "") {
      BRACKETED.lastIndex = at;
      const whole = BRACKETED.exec(text)?.[0] ?? character;
      value = whole;
      at += whole.length - 1;
    } else {
      value += character;
    }
  }
  endField();
  return fields;
}

function escaped(text: string, at: number): string {
  const character = text.charAt(at);
  if (ESCAPABLE.has(character)) return character;
  throw new Fault(`"\\${character}" is not an escape, write "\\\\" for a backslash`);
}

/** The inverse: makes every character of a value an ordinary one. */
export function escapeValue(value: string): string {
  return value.replace(/[:=\\]/g, "\\$&");
}
