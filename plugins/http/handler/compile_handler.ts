import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { asHandler, type Fetchable } from "../../../services/http/handler.ts";
import { describeImportFailure } from "../../../services/plugin/import_failure.ts";
import { quote } from "../../../services/text/quote.ts";
import type { RouteHandler } from "../route/route_kind.ts";
import { isUrl } from "./is_url.ts";
import type { HandlerOptions } from "./options.ts";

/**
 * Answers by a module's handler: its second argument is the {@linkcode RequestInfo}, which opens WebSockets.
 * @throws {Error} when the module cannot be loaded, or exports no handler
 */
export async function compileHandler(specifier: HandlerOptions): Promise<RouteHandler> {
  const url = isUrl(specifier) ? specifier : pathToFileURL(resolve(specifier)).href;
  let module: { readonly default?: unknown };
  try {
    module = await import(url);
  } catch (error) {
    throw new Error(`Cannot load handler ${quote(specifier)}: ${describeImportFailure(error, url)}`, {
      cause: error,
    });
  }
  const handler = module.default;
  if (!isFetchable(handler)) {
    throw new Error(
      `Cannot use handler ${
        quote(specifier)
      }: it must default-export a function, or an object with a fetch ` +
        "method: export default { fetch(request) { return new Response() } }",
    );
  }
  return asHandler(handler);
}

function isFetchable(value: unknown): value is Fetchable {
  if (typeof value === "function") return true;
  return typeof value === "object" && value !== null && typeof (value as Fetchable).fetch === "function";
}
