import { type Token, token } from "../context.ts";
import type { FamilySnapshot } from "../metrics/snapshot.ts";
import type { SupervisorEvent } from "../supervision/events.ts";
import type { UnitStatus } from "../supervision/status.ts";

/** What an application is doing, for services that tell of it: discovery, a status page. Changes nothing. */
export interface ApplicationView {
  /** The application's name. */
  readonly name: string;
  /** How every unit is doing, groups before what is in them. Goes through all of them. */
  status(): readonly UnitStatus[];
  /** How the unit at `path` is doing; undefined when there is none. */
  statusOf(path: string): UnitStatus | undefined;
  /**
   * Hear what happens, in order, until the returned function is called. Of a service that stops, `draining` is
   * told before its listeners close.
   */
  subscribe(listener: (event: SupervisorEvent) => void): () => void;
  /**
   * Do something before the listeners of a service close: `hook` is called with its path whenever one of its lives
   * is to drain. What it returns is awaited, for 1 s or half of the service's time to stop at most. A life that is
   * cut is not waited for. Ends when the returned function is called.
   */
  beforeDrain(hook: (path: string) => void | Promise<void>): () => void;
  /** Every metric as it is now: the runner's own, and what services count with the label `service` first. */
  metrics(): readonly FamilySnapshot[];
  /** Milliseconds on the scale of the times in status and events. */
  now(): number;
}

/** By this any service gets the view of the application that it is part of, without a need: the runner offers it. */
export const applicationView: Token<ApplicationView> = token("heddle.application_view");
