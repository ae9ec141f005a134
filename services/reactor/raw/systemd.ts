import type { SystemdEndpoint } from "../../endpoint/endpoint.ts";
import type { RawListener } from "../raw.ts";
import { quote } from "../../text/quote.ts";
import { cannotListen } from "./_listen_error.ts";
import { listenDescriptor } from "./fd_listener.ts";

/** The first descriptor that is passed: SD_LISTEN_FDS_START of sd_listen_fds(3). */
const FIRST_FD = 3;

/** What a service manager tells of the sockets it passes, as in the environment. */
export interface ListenEnvironment {
  readonly LISTEN_PID?: string | undefined;
  readonly LISTEN_FDS?: string | undefined;
  readonly LISTEN_FDNAMES?: string | undefined;
}

/**
 * Listen on a socket that systemd passed to this process.
 * @throws {CannotListenError} naming the endpoint, the cause and what to do
 */
export async function listenSystemd({ socket }: SystemdEndpoint): Promise<RawListener> {
  const environment = {
    LISTEN_PID: Deno.env.get("LISTEN_PID"),
    LISTEN_FDS: Deno.env.get("LISTEN_FDS"),
    LISTEN_FDNAMES: Deno.env.get("LISTEN_FDNAMES"),
  };
  return await listenDescriptor(systemdDescriptor(socket, environment, Deno.pid), nameOf(socket));
}

/**
 * The descriptor of a socket that systemd passed (socket activation, sd_listen_fds(3)): `socket` is its name,
 * or its position from 0.
 *
 * @param pid of this process; sockets that were passed to another are not ours
 * @throws {CannotListenError} naming the endpoint and what to do
 */
export function systemdDescriptor(
  socket: string | number,
  { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES }: ListenEnvironment,
  pid: number,
): number {
  const refuse = (reason: string) => cannotListen(nameOf(socket), reason);

  if (LISTEN_FDS === undefined) {
    throw refuse("no sockets were passed (LISTEN_FDS is not set); start it through a systemd .socket unit");
  }
  if (!/^[0-9]{1,4}$/.test(LISTEN_FDS)) {
    throw refuse(`LISTEN_FDS is ${quote(LISTEN_FDS)}; it must be a number`);
  }
  if (LISTEN_PID !== String(pid)) {
    throw refuse(
      `sockets were passed to process ${
        quote(LISTEN_PID ?? "")
      }, this is ${pid}; have the unit start it without ` +
        "a wrapper in between, or let the wrapper exec it",
    );
  }
  const count = Number(LISTEN_FDS);
  if (typeof socket === "number") {
    if (socket < count) return FIRST_FD + socket;
    throw refuse(`there is no such socket; ${count} were passed, counted from 0`);
  }
  const names = (LISTEN_FDNAMES ?? "").split(":").slice(0, count);
  const at = names.indexOf(socket);
  if (at === -1) {
    throw refuse(`no socket has that name; passed are ${names.map((name) => quote(name)).join(", ")}`);
  }
  if (names.indexOf(socket, at + 1) !== -1) {
    throw refuse(
      "several sockets have that name; tell them apart by index, or by FileDescriptorName= in the unit",
    );
  }
  return FIRST_FD + at;
}

function nameOf(socket: string | number): string {
  return typeof socket === "number" ? `systemd:index=${socket}` : `systemd:name=${socket}`;
}
