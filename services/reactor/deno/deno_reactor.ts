import { SystemTime } from "../../async/system_time.ts";
import { type Logger, silentLogger } from "../../log.ts";
import { BaseReactor, type ReactorOptions } from "../base_reactor.ts";
import { DenoNetwork } from "./deno_network.ts";

/**
 * The reactor on the machine's sockets and time.
 *
 * @example
 * ```ts no-run
 * import { DenoReactor, Protocol } from "@heddle/heddle";
 *
 * const reactor = new DenoReactor();
 * await reactor.listen("tcp:127.0.0.1:7007", () => new Protocol());
 * Deno.addSignalListener("SIGTERM", () => reactor.stop());
 * await reactor.run();
 * ```
 */
export class DenoReactor extends BaseReactor {
  /** A reactor that opens nothing yet. */
  constructor(options: ReactorOptions = {}) {
    const log: Logger = options.log ?? silentLogger;
    const time = new SystemTime((error) => log.error("A delayed call threw an exception", { error }));
    super(time, new DenoNetwork(time, log), { ...options, poison: false });
  }
}
