import type { ReactorTime } from "../../async/time.ts";
import type { Handler } from "../handler.ts";
import { HttpError } from "../http_error.ts";
import type { Reply } from "../reply.ts";
import type { HttpRequest } from "../request.ts";
import { SiteGuard, type Verdict } from "./site_guard.ts";
import { siteRefusal } from "./site_replies.ts";

/** Answers a request; `parts` are what the path's expression has caught, decoded. */
export type SiteRoute = (request: HttpRequest, ...parts: string[]) => Reply | Promise<Reply>;

/** What a site answers: a method, a path, and how. GET is HEAD, too. */
export type SiteRoutes = readonly (readonly [method: string, path: RegExp, route: SiteRoute])[];

/** What a site is made of. */
export interface SiteOptions {
  /** What asks for the secret, for the browser's dialogue: `"Inbox"`. */
  readonly realm: string;
  /** What the secret is called: `"password of the inbox"`. */
  readonly secretName: string;
  /** Null: none is asked for. */
  readonly secret: string | null;
  readonly routes: SiteRoutes;
  readonly time: ReactorTime;
}

/** Milliseconds until a wrong secret is answered. */
const PENALTY = 1_000;

/** A web site of this machine for people and their programs, guarded against other sites by {@linkcode SiteGuard}. */
export function siteHandler(options: SiteOptions): Handler {
  const guard = new SiteGuard(options.secret);
  return async (request) => {
    const verdict = guard.judge(request);
    if (verdict === "wrongSecret") {
      await new Promise<void>((resolve) => options.time.callLater(PENALTY, resolve));
    }
    if (verdict !== null) return refusalOf(verdict, options);
    return await routed(request, options.routes);
  };
}

function refusalOf(verdict: Exclude<Verdict, null>, { realm, secretName }: SiteOptions): Reply {
  const challenge = { "www-authenticate": `Basic realm="${realm}", charset="UTF-8"` };
  switch (verdict) {
    case "wrongHost":
      return siteRefusal(403, "Use the address of this machine, or localhost, in place of this name");
    case "otherSite":
      return siteRefusal(403, "Another site may not ask for this");
    case "noSecret":
      return siteRefusal(401, `The ${secretName} is needed`, challenge);
    case "wrongSecret":
      return siteRefusal(401, `The ${secretName} is wrong`, challenge);
  }
}

function routed(request: HttpRequest, routes: SiteRoutes): Reply | Promise<Reply> {
  let isKnown = false;
  for (const [method, path, route] of routes) {
    const found = path.exec(request.pathname);
    if (found === null) continue;
    isKnown = true;
    const { method: asked } = request;
    if (method === asked || method === "GET" && asked === "HEAD") {
      return route(request, ...found.slice(1).map(decoded));
    }
  }
  return isKnown ? siteRefusal(405, "This cannot be done here") : siteRefusal(404, "There is nothing here");
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new HttpError(400, "The path is not well-formed");
  }
}
