import type { HttpRequest } from "../../../services/http/request.ts";

/**
 * The path that routes are matched with: escapes decoded, `//` taken for `/`, dot segments resolved. So no
 * spelling of a path gets around what is configured for it (RFC 3986, section 6.2.2). Null for what names
 * nothing: escapes that are no UTF-8, NUL, and slashes that are hidden in escapes to climb.
 */
export function requestPath(request: HttpRequest): string | null {
  const path = request.pathname;
  return path.includes("%") || path.includes("//") ? decodePath(path) : path;
}

function decodePath(path: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return null;
  }
  // Dot segments that were left were hidden before: "..%2f".
  if (decoded.includes("\0") || /(?:^|[/\\])\.\.?(?:[/\\]|$)/.test(decoded)) return null;
  return decoded.replaceAll(/\/{2,}/g, "/");
}
