import { SystemTime } from "../../../../services/async/system_time.ts";
import type { Logger } from "../../../../services/log.ts";
import { BaseReactor } from "../../../../services/reactor/base_reactor.ts";
import { ChildNetwork, type SocketSource } from "./child_network.ts";

/** The reactor of a process of its own. */
export class ChildReactor extends BaseReactor {
  constructor(log: Logger, sockets: SocketSource) {
    const time = new SystemTime((error) => log.error("A delayed call threw an exception", { error }));
    super(time, new ChildNetwork(time, log, sockets), { log, poison: false });
  }
}
