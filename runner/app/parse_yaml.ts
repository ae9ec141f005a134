// @ts-types="./_std_yaml.d.ts"
import { parse, YamlSyntaxError } from "@std/yaml";
import { quote } from "../../services/text/quote.ts";
import { type Place, placeOf } from "./finding.ts";

/** A text that is no YAML, or more than a configuration needs. */
export class YamlError extends Error {
  override readonly name = "YamlError";
  readonly place: Place;

  constructor(message: string, place: Place) {
    super(message);
    this.place = place;
  }
}

/** Deeper nesting is no configuration; the parser and all that walks its result recurse. */
export const MAX_DEPTH = 64;

/**
 * Bound of (aliases x bytes). Each use of a merge key, or of an alias as a key, may cost as much as the
 * aliased node is long, so this bounds the parser's time: about half a second at worst.
 */
const MAX_ALIAS_COST = 16 * 1024 * 1024;

const ALIAS = /\*[^\s,\[\]{}*]/g;

/**
 * Parse one YAML document. Takes linear time and memory whatever the text; what comes back may still share
 * nodes through aliases, or contain itself, which `checkValue` finds.
 * @throws {YamlError}
 */
export function parseYaml(text: string): unknown {
  checkAliases(text);
  checkTabs(text);
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof YamlSyntaxError) throw describeSyntaxError(error, text);
    // The parser recurses without a limit of its own.
    if (error instanceof RangeError) throw new YamlError(TOO_DEEP, findDeepPlace(text));
    throw error;
  }
}

/** The message for nesting beyond {@linkcode MAX_DEPTH}. */
export const TOO_DEEP = `Cannot nest deeper than ${MAX_DEPTH} levels`;

/** The parser takes a tab for a separator, so that what was meant to be within stands beside. */
function checkTabs(text: string): void {
  const match = /^\t+(?:[\w.-]+:(?:\s|$)|- )/m.exec(text);
  if (match !== null) throw new YamlError("Cannot indent with a tab: use spaces", placeOf(text, match.index));
}

function checkAliases(text: string): void {
  const most = Math.floor(MAX_ALIAS_COST / text.length);
  let count = 0;
  // Counts too many (globs in strings), never too few.
  for (const match of text.matchAll(ALIAS)) {
    if (++count > most) {
      throw new YamlError(
        `Cannot use more than ${most} aliases in a file of ${text.length} characters`,
        placeOf(text, match.index),
      );
    }
  }
}

function describeSyntaxError(error: YamlSyntaxError, text: string): YamlError {
  // The error's own line and column are taken apart when it steps back, as for a duplicate key; the offset holds.
  const place = placeOf(text, Math.min(error.offset, text.length));
  const [message] = error.message.split(` at line ${error.line}, column `, 1);
  if (message!.includes("duplicated key")) {
    const key = /^(?:\? *)?("[^"\n]*"|'[^'\n]*'|[^:,\]}\n]*)/.exec(
      text.slice(error.offset, error.offset + 200),
    )
      ?.[1];
    return new YamlError(`Cannot use the key ${quote(unquoted(key ?? ""))} twice in one mapping`, place);
  }
  return new YamlError(message!.replace("duplication of ", "repeated "), place);
}

function unquoted(key: string): string {
  return /^(["']).*\1$/.test(key) ? key.slice(1, -1) : key.trim();
}

/** Where a text that stands for too many values becomes so: its aliases, if it has any. */
export function findExpandingPlace(text: string): Place {
  return placeOf(text, Math.max(0, text.search(ALIAS)));
}

/**
 * Where a text that is too deep becomes so. An estimate: it counts open brackets, indicators in a row and
 * steps of indentation without regard to quotes. Good enough for a file that is refused anyway.
 */
export function findDeepPlace(text: string): Place {
  const indents: number[] = [];
  let brackets = 0;
  let line = 0;
  for (const content of text.split("\n")) {
    line++;
    const lead = /^(?: |[-?] )*/.exec(content)![0];
    while (indents.length > 0 && indents.at(-1)! >= lead.length) indents.pop();
    indents.push(lead.length);
    const indicators = lead.replaceAll(" ", "").length;
    if (indents.length + indicators + brackets > MAX_DEPTH) return { line, column: 1 };
    for (let column = lead.length; column < content.length; column++) {
      const character = content[column]!;
      if (character === "[" || character === "{") brackets++;
      else if (character === "]" || character === "}") brackets = Math.max(0, brackets - 1);
      if (indents.length + indicators + brackets > MAX_DEPTH) return { line, column: column + 1 };
    }
  }
  return { line: 1, column: 1 };
}
