import { stripVTControlCharacters } from "node:util";

/**
 * Why `import(url)` failed, in words that complete `Cannot load plugin "./chat.ts": `. Deno reports what is
 * missing, what does not parse and what is out of reach as one and the same error, so the message decides.
 */
export function describeImportFailure(error: unknown, url: string): string {
  if (!(error instanceof Error)) return `it throws while loading: ${String(error)}`;
  const message = stripVTControlCharacters(error.message);
  if ((error as { code?: unknown }).code !== "ERR_MODULE_NOT_FOUND") {
    return describeThrown(error, message, url);
  }
  const { text, at } = splitPlace(message);
  for (const [pattern, describe] of FAILURES) {
    const match = pattern.exec(text);
    if (match !== null) return describe(match, at, url);
  }
  return at === undefined ? text : `${text} (imported at ${shorten(at)})`;
}

type Describe = (match: RegExpExecArray, at: string | undefined, url: string) => string;

const FAILURES: readonly (readonly [RegExp, Describe])[] = [
  [
    /^SyntaxError: (.*)/,
    ([, what], at) => `syntax error${at === undefined ? "" : ` at ${shorten(at)}`}: ${what}`,
  ],
  [
    /^Module not found "(.*?)"/,
    ([, missing], at, url) =>
      missing === url
        ? `no such file: ${shorten(url)}`
        : `${importedAt(at)} is missing: ${shorten(missing!)}`,
  ],
  [
    /Directory import '(.*?)'/,
    ([, folder]) => `it is a directory: ${shorten(folder!)}; name the module in it`,
  ],
  [
    /^Import "(.*?)" not a dependency/,
    ([, name], at) => `${importedAt(at)} is in no import map: "${name}"; write "npm:${name}" or "jsr:..."`,
  ],
  [
    /^npm package '(.*?)' does not exist/,
    ([, name], at) => `${origin(at)}the npm package "${name}" does not exist`,
  ],
  [
    /^Could not find npm package '(.*?)' matching '(.*?)'/,
    ([, name, version], at) =>
      `${origin(at)}the npm package "${name}" has no version that matches "${version}"`,
  ],
  [
    /^JSR package (?:manifest for '(.*?)'|not found: (\S+))/,
    ([, name, other], at) =>
      `${origin(at)}the JSR package "${name ?? other}" does not exist or cannot be reached`,
  ],
  [
    /^(?:Import|Failed loading|error sending request for url \()\s*'?(\S+?)'? failed/,
    ([, address], at) => `${origin(at)}${shorten(address!)} cannot be fetched; is this machine offline?`,
  ],
  [
    /ERR_PACKAGE_PATH_NOT_EXPORTED\] Package subpath '(.*?)'/,
    ([, subpath], at) => `${origin(at)}the package does not export "${subpath}"`,
  ],
  [/^Requires (\w+) access/, ([, permission]) => `this process has no ${permission} permission for it`],
];

function describeThrown(error: Error, message: string, url: string): string {
  // Linking: an import names what the other module does not export. The place is part of the message.
  if (error.name === "SyntaxError") return shorten(message);
  const where = /\(?((?:file|https?):\/\/\S+?:\d+:\d+)\)?$/m.exec(error.stack ?? "")?.[1];
  const place = where?.startsWith(`${url}:`) || where?.startsWith("file:") ? ` at ${shorten(where)}` : "";
  return `it throws while loading${place}: ${error.name}: ${message}`;
}

/** Deno's messages end with where the import stands, or where the syntax is wrong. */
function splitPlace(message: string): { text: string; at?: string } {
  const match = /\n\s+at (\S+:\d+:\d+)\s*$/.exec(message);
  if (match === null) return { text: message };
  return { text: message.slice(0, match.index), at: match[1]! };
}

function importedAt(at: string | undefined): string {
  return at === undefined ? "what it imports" : `what ${shorten(at)} imports`;
}

function origin(at: string | undefined): string {
  return at === undefined ? "" : `imported at ${shorten(at)}: `;
}

/** File URLs as paths. */
function shorten(text: string): string {
  return text.replace(/file:\/\/(\/[^\s'"]*)/g, (_, path: string) => decode(path));
}

function decode(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
