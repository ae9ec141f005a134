import { posix } from "node:path";
import { quote } from "../../services/text/quote.ts";
import type { Path } from "./path.ts";
import { describeReadFailure, MAX_FILE_SIZE, type ReadFile, readText, TextError } from "./read_text.ts";
import { isSecretName, type Secrets } from "./secrets.ts";
import { Marks } from "./source.ts";
import { parseTemplate, TemplateError, type TemplatePart } from "./template.ts";

/** Where variables come from; `Deno.env` and `Map` are such. */
export interface Environment {
  get(name: string): string | undefined;
}

/** What interpolation needs. */
export interface InterpolationContext {
  /** The YAML file: `${file:x}` is relative to it. */
  readonly file: string;
  readonly env: Environment;
  readonly readFile: ReadFile;
  /** Receives the secrets that were met. */
  readonly secrets: Secrets;
}

/** The outcome of interpolation. */
export interface Interpolated {
  /** A copy of the value, with nothing shared. */
  readonly value: unknown;
  readonly marks: Marks;
  readonly faults: readonly { readonly path: Path; readonly message: string }[];
  /** The files that `${file:...}` named. */
  readonly files: readonly string[];
}

/** A scalar to be replaced in the copy. */
interface Slot {
  readonly path: Path;
  readonly text: string;
  set(value: string): void;
}

const MAX_SECRET_SIZE = 64 * 1024;

/**
 * Replace `${...}` in the scalars of a parsed document. It works on values, so that what a variable holds
 * can add to a text but never to the structure. The result of a scalar is always text: where a number or
 * boolean is wanted, validation converts it.
 */
export async function interpolate(root: unknown, context: InterpolationContext): Promise<Interpolated> {
  const slots: Slot[] = [];
  let value = copy(root, [], slots, (text) => value = text);
  const marks = new Marks();
  const faults: { path: Path; message: string }[] = [];
  const resolver = new Resolver(context);
  let length = 0;
  for (const slot of slots) {
    try {
      const { text, secret } = await resolver.resolve(parseTemplate(slot.text));
      length += text.length;
      if (length > MAX_FILE_SIZE) {
        throw new TemplateError(
          `Cannot interpolate: the results are longer than ${MAX_FILE_SIZE} characters`,
        );
      }
      slot.set(text);
      marks.add(slot.path, secret ? "secret" : "plain");
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      faults.push({ path: slot.path, message: error.message });
      marks.add(slot.path, "broken");
      if (length > MAX_FILE_SIZE) break;
    }
  }
  return { value, marks, faults, files: [...resolver.files.keys()] };
}

function copy(value: unknown, path: Path, slots: Slot[], set: (value: string) => void): unknown {
  if (typeof value === "string") {
    if (value.includes("${")) slots.push({ path, text: value, set });
    return value;
  }
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const [i, item] of value.entries()) {
      items.push(copy(item, [...path, i], slots, (text) => items[i] = text));
    }
    return items;
  }
  if (typeof value === "object" && value !== null) {
    const entries: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) {
      // Reported elsewhere; as an assignment it would set the prototype.
      if (key === "__proto__") continue;
      entries[key] = copy(item, [...path, key], slots, (text) => entries[key] = text);
    }
    return entries;
  }
  return value;
}

class Resolver {
  readonly files = new Map<string, Promise<string>>();
  readonly #context: InterpolationContext;

  constructor(context: InterpolationContext) {
    this.#context = context;
  }

  async resolve(parts: readonly TemplatePart[]): Promise<{ text: string; secret: boolean }> {
    let text = "";
    let secret = false;
    for (const part of parts) {
      const piece = part.kind === "text" ? part.text : await this.#resolveReference(part);
      if (part.kind === "file" || (part.kind === "variable" && isSecretName(part.name))) {
        this.#context.secrets.add(piece);
        secret = true;
      }
      text += piece;
      if (text.length > MAX_FILE_SIZE) break;
    }
    return { text, secret };
  }

  async #resolveReference(part: Exclude<TemplatePart, { kind: "text" }>): Promise<string> {
    if (part.kind === "file") return await this.#readSecret(part.path);
    const value = this.#lookUp(part.name);
    if (part.fallback !== undefined) return value || part.fallback;
    if (value !== undefined) return value;
    throw new TemplateError(
      `Cannot interpolate "\${${part.name}}": the variable is not set; set it, or write \${${part.name}:-default}`,
    );
  }

  #lookUp(name: string): string | undefined {
    try {
      return this.#context.env.get(name);
    } catch (error) {
      throw new TemplateError(`Cannot interpolate "\${${name}}": ${describeReadFailure(error)}`);
    }
  }

  #readSecret(path: string): Promise<string> {
    const file = resolveBeside(this.#context.file, path);
    let content = this.files.get(file);
    if (content === undefined) {
      content = this.#readFile(file);
      this.files.set(file, content);
    }
    return content;
  }

  async #readFile(file: string): Promise<string> {
    try {
      // One line break at the end is the editor's, not the secret's.
      return (await readText(file, this.#context.readFile, MAX_SECRET_SIZE)).replace(/\r?\n$/, "");
    } catch (error) {
      const reason = error instanceof TextError ? error.message : describeReadFailure(error);
      throw new TemplateError(`Cannot read ${quote(file)}: ${reason}`);
    }
  }
}

/** A path that was written in `file`: relative to that file's folder. */
export function resolveBeside(file: string, path: string): string {
  return posix.isAbsolute(path) ? path : posix.join(posix.dirname(file), path);
}
