const MAX_LENGTH = 120;

/**
 * A value as messages show it: in double quotes, on one line, cut after 120 characters. Control characters,
 * which could rewrite a terminal or forge a line of a log, are shown as escapes.
 */
export function quote(text: string): string {
  const shown = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}...` : text;
  return `"${shown.replace(UNPRINTABLE, escapeCharacter)}"`;
}

// Controls, the line and paragraph separators, bidirectional overrides, lone surrogates.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

function escapeCharacter(character: string): string {
  switch (character) {
    case "\n":
      return "\\n";
    case "\r":
      return "\\r";
    case "\t":
      return "\\t";
    default:
      return `\\u{${character.codePointAt(0)!.toString(16)}}`;
  }
}
