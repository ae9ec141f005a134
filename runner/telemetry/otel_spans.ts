import { type Span, SpanStatusCode, trace, type Tracer } from "@opentelemetry/api";
import type { StateChange, SupervisorEvent } from "../../services/supervision/events.ts";
import type { OperationObserver } from "../control/operations.ts";

/** Where a start or a stop is over. */
const ENDS = ["ready", "backoff", "failed", "finished", "stopped", "waiting"];

/**
 * Tells OpenTelemetry how long things take: every start and stop of a service, and what operators ask for, reloads
 * among it.
 */
export class OtelSpans {
  readonly #tracer: Tracer = trace.getTracer("heddle");
  readonly #epochOf: (time: number) => number;
  /** The start or stop that is under way, by path. */
  readonly #open = new Map<string, Span>();

  /** `epochOf`: milliseconds since 1970 of a time in events. */
  constructor(epochOf: (time: number) => number) {
    this.#epochOf = epochOf;
  }

  /** To be called with each of the supervisor's events, in their order. */
  see(event: SupervisorEvent): void {
    if (event.kind !== "state" || event.unit === "group") return;
    if (ENDS.includes(event.to) || event.to === "draining") this.#end(event);
    if (event.to === "starting") this.#begin("service.start", event);
    if (event.to === "draining") this.#begin("service.stop", event);
  }

  /** To be told of operations. */
  readonly observe: OperationObserver = ({ kind, path }) => {
    const span = this.#tracer.startSpan(`application.${kind}`, {
      attributes: path === undefined ? {} : { "heddle.service": path },
    });
    return (failure) => {
      if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
      span.end();
    };
  };

  #begin(name: string, { path, at, reason }: StateChange): void {
    const attributes = { "heddle.service": path, ...(reason !== undefined && { "heddle.reason": reason }) };
    this.#open.set(path, this.#tracer.startSpan(name, { startTime: this.#epochOf(at), attributes }));
  }

  #end({ path, to, at, reason }: StateChange): void {
    const span = this.#open.get(path);
    if (span === undefined) return;
    this.#open.delete(path);
    span.setAttribute("heddle.state", to);
    if (to === "backoff" || to === "failed") {
      span.setStatus({ code: SpanStatusCode.ERROR, ...(reason !== undefined && { message: reason }) });
    }
    span.end(this.#epochOf(at));
  }
}
