import type { Logger } from "../../services/log.ts";
import { serveHttp } from "../../services/http/serve_http.ts";
import type { Reactor } from "../../services/reactor/reactor.ts";
import { controlHandler, type Controlled } from "./handler.ts";

/** A client may look at the last page of a stream for so long before it reads on, ms. */
const WRITE_TIMEOUT = 24 * 60 * 60 * 1000;

/**
 * Serve the control API at the UNIX socket `path`, which only its owner may open.
 * @throws {CannotListenError} when it cannot be bound
 */
export async function serveControl(
  reactor: Reactor,
  path: string,
  controlled: Controlled,
  log: Logger,
): Promise<void> {
  await serveHttp(reactor, { kind: "unix", path, mode: 0o600 }, controlHandler(controlled), {
    log,
    maxBody: 64 * 1024,
    maxConnections: 100,
    writeTimeout: WRITE_TIMEOUT,
  });
}
