import type { ServiceContext } from "../../services/context.ts";
import { applicationControl } from "../../services/control/application_control.ts";
import { serveHttp } from "../../services/http/mod.ts";
import type { Service } from "../../services/service.ts";
import { Board } from "./board/board.ts";
import { dashboardSite } from "./dashboard_site.ts";
import type { DashboardOptions } from "./options.ts";

/** What it takes from the machine. */
export interface DashboardMachine {
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

/** A few browsers; a stranger's programs shall not take more. */
const LIMITS = { maxConnections: 200, maxBody: 1024 * 1024, bodyTimeout: 10_000 };

/** The dashboard, as a service. */
export class DashboardService implements Service<DashboardOptions> {
  readonly #options: DashboardOptions;
  readonly #machine: DashboardMachine;

  constructor(options: DashboardOptions, machine: DashboardMachine) {
    this.#options = options;
    this.#machine = machine;
  }

  async start(context: ServiceContext): Promise<void> {
    const { reactor, log, draining } = context;
    const control = context.get(applicationControl);
    const board = context.use(new Board({ control, time: reactor, wallClock: this.#machine.wallClock }));
    const handler = dashboardSite({
      control,
      board,
      token: this.#options.token ?? null,
      time: reactor,
      log,
      draining,
    });
    await serveHttp(reactor, this.#options.listen, handler, { ...LIMITS, log });
  }
}
