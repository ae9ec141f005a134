// Controls (C0, DEL, C1), marks that reorder text, and the line ends that only Unicode knows.
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function hex(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, "0");
}

/** `text` with everything that could steer a terminal shown as an escape: a stranger may have written it. */
export function printable(text: string): string {
  return text.replace(
    UNPRINTABLE,
    (character) =>
      SHORT[character] ?? (character < "\u0100" ? `\\x${hex(character, 2)}` : `\\u${hex(character, 4)}`),
  );
}

/** The same for JSON text, which stays JSON: `JSON.stringify` leaves DEL, C1 and the rest as they are. */
export function printableJson(json: string): string {
  return json.replace(UNPRINTABLE, (character) => `\\u${hex(character, 4)}`);
}
