import type { ReactorTime } from "../../services/async/time.ts";
import type { ApplicationControl, ReloadRefusal } from "../../services/control/application_control.ts";
import {
  eventStream,
  type Handler,
  HttpError,
  type HttpRequest,
  type Reply,
} from "../../services/http/mod.ts";
import { siteHandler, type SiteRoute, type SiteRoutes } from "../../services/http/site/site.ts";
import { pageFile, siteHeaders, siteJson } from "../../services/http/site/site_replies.ts";
import type { Logger } from "../../services/log.ts";
import type { ReloadPlan } from "../../services/supervision/reload.ts";
import { isWhereAsked } from "../../services/supervision/is_where_asked.ts";
import type { UnitOutcome } from "../../services/supervision/status.ts";
import { quote } from "../../services/text/quote.ts";
import type { Board } from "./board/board.ts";
import * as page from "./page_files.ts";
import { updateStream } from "./update_stream.ts";

/** What the site stands on. */
export interface DashboardSiteOptions {
  readonly control: ApplicationControl;
  readonly board: Board;
  /** Null: none is asked for. */
  readonly token: string | null;
  readonly time: ReactorTime;
  readonly log: Logger;
  /** Aborted when the service is being stopped. */
  readonly draining: AbortSignal;
}

type Action = "start" | "stop" | "restart";

/** No page of another site can send it without being asked first (CORS), and nobody answers that. */
const ACTION_HEADER = "x-heddle-action";

/** The web page of the dashboard, and what its scripts ask for. */
export function dashboardSite(options: DashboardSiteOptions): Handler {
  const { control, board, time, log, draining } = options;

  /** What the outcome is; or, since this service itself is to go for it to come, that it is under way. */
  const unlessDraining = async (work: Promise<Reply>): Promise<Reply> => {
    const drained = Promise.withResolvers<Reply>();
    const leave = (): void => drained.resolve(siteJson({ ok: true, underWay: true }, 202));
    draining.addEventListener("abort", leave);
    try {
      return await Promise.race([work, drained.promise]);
    } finally {
      draining.removeEventListener("abort", leave);
    }
  };

  const operation = (action: Action): SiteRoute => (request) => {
    checkAction(request);
    const path = unitOf(request);
    if (control.statusOf(path) === undefined) {
      throw new HttpError(404, `There is no service or group ${quote(path)}`);
    }
    log.info("Asked for on the dashboard", { action, unit: path });
    return unlessDraining(control[action](path).then((outcome) => outcomeReply(action, outcome)));
  };

  const plan = async (): Promise<Reply> => {
    const preview = await control.planReload();
    return preview.ok ? siteJson({ ok: true, steps: preview.plan.steps }) : problemsReply(preview);
  };

  const reload = async (request: HttpRequest): Promise<Reply> => {
    checkAction(request);
    const seen = await request.text();
    const preview = await control.planReload();
    if (!preview.ok) return problemsReply(preview);
    if (!isSamePlan(preview.plan, seen)) {
      return siteJson({ ok: false, changed: true, steps: preview.plan.steps }, 409);
    }
    log.info("Asked for on the dashboard", { action: "reload" });
    return await unlessDraining(
      control.reload().then((outcome) => {
        if (!outcome.ok) return problemsReply(outcome);
        const { results } = outcome.report;
        const ok = results.every(({ result }) => result === "done");
        return siteJson({ ok, results }, ok ? 200 : 409);
      }),
    );
  };

  const routes: SiteRoutes = [
    ["GET", /^\/$/, () => pageFile(page.html, "text/html")],
    ["GET", /^\/dashboard\.css$/, () => pageFile(page.css, "text/css")],
    ["GET", /^\/icon\.svg$/, () => pageFile(page.icon, "image/svg+xml")],
    ["GET", /^\/(\w+)\.js$/, (_, name) => pageFile(scriptOf(name!), "text/javascript")],
    [
      "GET",
      /^\/api\/events$/,
      () =>
        eventStream(updateStream({ board, control, time, signal: draining }), {
          time,
          headers: siteHeaders,
        }),
    ],
    ["GET", /^\/api\/history$/, (request) => {
      const history = board.history(unitOf(request));
      if (history === null) throw new HttpError(404, "There is no such service any more");
      return siteJson(history);
    }],
    ["GET", /^\/api\/reload$/, plan],
    ["POST", /^\/api\/reload$/, reload],
    ["POST", /^\/api\/start$/, operation("start")],
    ["POST", /^\/api\/stop$/, operation("stop")],
    ["POST", /^\/api\/restart$/, operation("restart")],
  ];
  return siteHandler({
    realm: "Heddle",
    secretName: "token of the dashboard",
    secret: options.token,
    routes,
    time,
  });
}

function checkAction(request: HttpRequest): void {
  if (request.header(ACTION_HEADER) !== null) return;
  throw new HttpError(403, `Send the header "${ACTION_HEADER}: 1": it tells programs from other web sites`);
}

/** `unit=backend.store`; the root is `unit=`, and has to be asked for as that. */
function unitOf(request: HttpRequest): string {
  const path = new URLSearchParams(request.search).get("unit");
  if (path === null) throw new HttpError(400, `Name a service or group: "unit=..."`);
  return path;
}

function scriptOf(name: string): string {
  const script = Object.hasOwn(page, name) ? page[name as keyof typeof page] : undefined;
  if (script === undefined || name === "html" || name === "css" || name === "icon") {
    throw new HttpError(404, "There is nothing here");
  }
  return script;
}

function outcomeReply(action: Action, outcome: UnitOutcome): Reply {
  const ok = isWhereAsked(action, outcome);
  return siteJson({ ok, outcome }, ok ? 200 : 409);
}

/** Where they are and what they say; the lines of the file themselves may hold a secret. */
function problemsReply({ problems }: ReloadRefusal): Reply {
  const shown = problems.map(({ sourceLine: _, ...problem }) => problem);
  return siteJson({ ok: false, problems: shown }, 422);
}

/** Whether the steps that somebody has seen are those of `plan`. */
function isSamePlan({ steps }: ReloadPlan, seen: string): boolean {
  return seen === JSON.stringify(steps);
}
