import type { ApplicationControl, ReloadRefusal } from "../../services/control/application_control.ts";
import type { LogFilter, LogQuery } from "../../services/control/log_entry.ts";
import type { Handler } from "../../services/http/handler.ts";
import { HttpError } from "../../services/http/http_error.ts";
import { Reply } from "../../services/http/reply.ts";
import type { HttpRequest } from "../../services/http/request.ts";
import { LOG_LEVELS, type LogLevel } from "../../services/log.ts";
import { PROMETHEUS_TYPE, prometheusText } from "../../services/metrics/prometheus.ts";
import { formatAddress } from "../../services/reactor/address.ts";
import type { SupervisorEvent } from "../../services/supervision/events.ts";
import { isWhereAsked } from "../../services/supervision/is_where_asked.ts";
import type { UnitStatus } from "../../services/supervision/status.ts";
import { closest } from "../../services/text/closest.ts";
import { quote } from "../../services/text/quote.ts";
import type { ApplicationInfo, ErrorReply, HealthReply, OutcomeReply, ReloadReply, UnitInfo } from "./api.ts";
import { LineQueue } from "./line_queue.ts";

/** What is told of an application through its control socket. */
export interface Controlled {
  readonly control: ApplicationControl;
  /** The runner as it is now. */
  info(): ApplicationInfo;
  /** Milliseconds since 1970 of a time in status and events. */
  epochOf(time: number): number;
}

/** Every request that is taken: method and path. */
export const ROUTES = [
  "GET /v1/status",
  "GET /v1/unit",
  "POST /v1/start",
  "POST /v1/stop",
  "POST /v1/restart",
  "GET /v1/reload",
  "POST /v1/reload",
  "GET /v1/logs",
  "GET /v1/events",
  "GET /v1/health",
  "GET /metrics",
] as const;

type Route = (request: HttpRequest, query: URLSearchParams) => Reply | Promise<Reply>;

const LINES = { "content-type": "application/x-ndjson", "cache-control": "no-store" };

/** Answers what is asked through the control socket: see docs/control.md. */
export function controlHandler(controlled: Controlled): Handler {
  const { control } = controlled;
  const operation = (action: "start" | "stop" | "restart"): Route => async (_request, query) => {
    const unit = unitOf(query, control);
    const outcome = await control[action](unit);
    const ok = isWhereAsked(action, outcome);
    return Reply.json({ ok, outcome } satisfies OutcomeReply, { status: ok ? 200 : 409 });
  };
  const routes: Readonly<Record<typeof ROUTES[number], Route>> = {
    "GET /v1/status": () =>
      Reply.json({
        application: controlled.info(),
        units: control.status().map((unit) => unitInfo(unit, controlled)),
      }),
    "GET /v1/unit": (_request, query) =>
      Reply.json(unitInfo(control.statusOf(unitOf(query, control))!, controlled)),
    "POST /v1/start": operation("start"),
    "POST /v1/stop": operation("stop"),
    "POST /v1/restart": operation("restart"),
    "GET /v1/reload": async () => {
      const preview = await control.planReload();
      return preview.ok ? Reply.json(preview) : refused(preview);
    },
    "POST /v1/reload": async () => {
      const outcome = await control.reload();
      if (!outcome.ok) return refused(outcome);
      const ok = outcome.report.results.every(({ result }) => result === "done");
      return Reply.json({ ok, report: outcome.report } satisfies ReloadReply, { status: ok ? 200 : 409 });
    },
    "GET /v1/logs": (_request, query) => logs(control, query),
    "GET /v1/events": () => events(controlled),
    "GET /v1/health": () => {
      const health = healthOf(controlled.info(), control.status());
      return Reply.json(health, { status: health.healthy ? 200 : 503 });
    },
    "GET /metrics": () =>
      new Reply(prometheusText(control.metrics()), { headers: { "content-type": PROMETHEUS_TYPE } }),
  };
  return async (request) => {
    const name = ROUTES.find((route) => route === `${request.method} ${request.pathname}`);
    if (name === undefined) return unknownRoute(request);
    try {
      return await routes[name](request, new URLSearchParams(request.search));
    } catch (error) {
      if (error instanceof Refusal) return error.reply();
      throw error;
    }
  };
}

/** Unhealthy is what failed and what has not come up for the first time. */
function healthOf({ ready }: ApplicationInfo, units: readonly UnitStatus[]): HealthReply {
  const reasons = units
    .filter(({ kind, state }) => kind === "service" && (state === "failed" || state === "backoff"))
    .map(({ path, state, lastError }) => [path, state, lastError].filter(Boolean).join(": "));
  if (!ready && reasons.length === 0) reasons.push("the application is not ready yet");
  return { healthy: reasons.length === 0, reasons };
}

function unitInfo({ endpoints, ...unit }: UnitStatus, { epochOf }: Controlled): UnitInfo {
  return {
    ...unit,
    since: Math.round(epochOf(unit.since)),
    ...(unit.nextAttemptAt !== undefined && { nextAttemptAt: Math.round(epochOf(unit.nextAttemptAt)) }),
    ...(endpoints !== undefined && { endpoints: endpoints.map(formatAddress) }),
  };
}

function logs(control: ApplicationControl, query: URLSearchParams): Reply {
  const filter = filterOf(query);
  const kept = control.logs(queryOf(query, filter));
  if (query.get("follow") !== "1") return Reply.json({ records: kept });
  const lines = new LineQueue(() => end());
  const end = control.followLogs((entry) => lines.push(entry), filter);
  for (const entry of kept) lines.push(entry);
  return new Reply(lines, { headers: LINES });
}

function events({ control, epochOf }: Controlled): Reply {
  const lines = new LineQueue(() => end());
  // An error is for the log: JSON would make nothing of it.
  const timed = (event: SupervisorEvent) =>
    "at" in event ? { ...event, error: undefined, at: Math.round(epochOf(event.at)) } : event;
  const end = control.subscribe((event) => {
    lines.push(timed(event));
    if (event.kind === "ended") lines.end();
  });
  return new Reply(lines, { headers: LINES });
}

/** `unit=backend.store`; the root, which is everything, has to be asked for as `unit=`. */
function unitOf(query: URLSearchParams, control: ApplicationControl): string {
  const path = query.get("unit");
  if (path === null) throw new Refusal(400, `Missing "unit": name a service or group`);
  if (control.statusOf(path) !== undefined) return path;
  const near = closest(path, control.status().map((unit) => unit.path));
  throw new Refusal(404, `There is no service or group ${quote(path)}`, near);
}

function filterOf(query: URLSearchParams): LogFilter {
  const level = query.get("level");
  const service = query.get("service");
  if (level !== null && !LOG_LEVELS.includes(level as LogLevel)) {
    throw new Refusal(400, `Level ${quote(level)} is unknown: must be ${LOG_LEVELS.join(", ")}`);
  }
  return {
    ...(level !== null && { level: level as LogLevel }),
    ...(service !== null && { service }),
  };
}

function queryOf(query: URLSearchParams, filter: LogFilter): LogQuery {
  const after = countOf(query, "after");
  const limit = countOf(query, "limit");
  return { ...filter, ...(after !== undefined && { after }), ...(limit !== undefined && { limit }) };
}

function countOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new Refusal(400, `${quote(name)} must be a number, not ${quote(text)}`);
  return Number(text);
}

function refused({ ok, problems }: ReloadRefusal): Reply {
  return Reply.json({ ok, problems }, { status: 422 });
}

function unknownRoute({ method, pathname }: HttpRequest): Reply {
  const methods = ROUTES.filter((route) => route.endsWith(` ${pathname}`)).map((route) =>
    route.split(" ")[0]
  );
  if (methods.length === 0) return new Refusal(404, `There is nothing at ${quote(pathname)}`).reply();
  const refusal = new Refusal(405, `${quote(pathname)} does not take ${method}: use ${methods.join(", ")}`);
  return refusal.reply().withHeaders({ allow: methods.join(", ") });
}

/** A request that cannot be done as it stands. */
class Refusal extends HttpError {
  readonly #near: string | undefined;

  constructor(status: number, message: string, near?: string) {
    super(status, message);
    this.#near = near;
  }

  reply(): Reply {
    const suggestion = this.#near === undefined ? {} : { suggestion: `did you mean "${this.#near}"?` };
    const body: ErrorReply = { error: { message: this.message, ...suggestion } };
    return Reply.json(body, { status: this.status });
  }
}
