import type { Suite } from "./harness/suite.ts";

/** The suites by name, in the order in which they run. */
export const SUITES: Readonly<Record<string, () => Promise<{ readonly suite: Suite }>>> = {
  echo: () => import("./suites/echo.ts"),
  memory: () => import("./suites/memory.ts"),
  datagram: () => import("./suites/datagram.ts"),
  newcomers: () => import("./suites/newcomers.ts"),
  http: () => import("./suites/http.ts"),
  smtp: () => import("./suites/smtp.ts"),
  pop3: () => import("./suites/pop3.ts"),
  start: () => import("./suites/start.ts"),
  isolation: () => import("./suites/isolation.ts"),
  tree: () => import("./suites/tree.ts"),
  operate: () => import("./suites/operate.ts"),
  discovery: () => import("./suites/discovery.ts"),
  timers: () => import("./suites/timers.ts"),
};
