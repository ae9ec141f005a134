import { quote } from "../../services/text/quote.ts";

/** A piece of a scalar with `${...}` in it. */
export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  /** `${NAME}`, `${NAME:-fallback}`. */
  | { readonly kind: "variable"; readonly name: string; readonly fallback?: string }
  /** `${file:path}`. */
  | { readonly kind: "file"; readonly path: string };

/** A scalar whose `${...}` cannot be understood. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
}

const FORMS = "write ${NAME}, ${NAME:-default} or ${file:path}, or $${ for a literal ${";

/**
 * Take a scalar apart: `tcp:${PORT:-8080}` is a text and a variable. `$${` stands for a literal `${`; any
 * other `$` for itself. A default reaches to the next `}`, and is not interpolated again.
 * @throws {TemplateError}
 */
export function parseTemplate(scalar: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let text = "";
  let position = 0;
  for (;;) {
    const open = scalar.indexOf("${", position);
    if (open === -1) break;
    if (scalar[open - 1] === "$" && open > position) {
      text += scalar.slice(position, open - 1) + "${";
      position = open + 2;
      continue;
    }
    text += scalar.slice(position, open);
    const close = scalar.indexOf("}", open);
    if (close === -1) throw new TemplateError(`Cannot interpolate "\${": it is not closed; ${FORMS}`);
    if (text !== "") parts.push({ kind: "text", text });
    text = "";
    parts.push(parseReference(scalar.slice(open + 2, close)));
    position = close + 1;
  }
  text += scalar.slice(position);
  if (text !== "" || parts.length === 0) parts.push({ kind: "text", text });
  return parts;
}

function parseReference(inner: string): TemplatePart {
  if (inner.startsWith("file:") && inner.length > "file:".length) {
    return { kind: "file", path: inner.slice("file:".length) };
  }
  const match = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s.exec(inner);
  if (match === null) throw new TemplateError(`Cannot interpolate ${quote("${" + inner + "}")}: ${FORMS}`);
  const [, name, fallback] = match;
  return { kind: "variable", name: name!, ...(fallback !== undefined && { fallback }) };
}
