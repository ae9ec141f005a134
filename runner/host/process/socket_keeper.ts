import { resolve } from "node:path";
import type { DelayedCall, ReactorTime } from "../../../services/async/time.ts";
import type { ServerEndpoint, TcpEndpoint, UnixEndpoint } from "../../../services/endpoint/endpoint.ts";
import { formatEndpoint } from "../../../services/endpoint/format.ts";
import type { Address } from "../../../services/reactor/address.ts";
import { CannotListenError } from "../../../services/reactor/errors.ts";
import { placeOf } from "../../../services/reactor/place.ts";
import { cannotListen, describeBindError } from "../../../services/reactor/raw/_listen_error.ts";
import { systemdDescriptor } from "../../../services/reactor/raw/systemd.ts";
import { assertPathFree } from "../../../services/reactor/raw/unix_listener.ts";
import { HANDLE, handleClass, type StreamHandle } from "./child/native_conns.ts";

/** A listening socket of a service whose processes accept on it. */
export interface KeptSocket {
  readonly handle: StreamHandle;
  readonly host: Address;
}

/** What a socket is wanted for. */
export interface KeepRequest {
  readonly endpoint: ServerEndpoint;
  /** The service's path: its processes share the socket, and its successors get it. */
  readonly owner: string;
  /** Which of several sockets at a place that the system chooses. */
  readonly nth: number;
  /** The working folder of the process. */
  readonly cwd: string;
}

interface Kept {
  readonly owner: string;
  readonly key: string;
  readonly bound: Promise<Bound>;
  readonly users: Set<object>;
  expiry: DelayedCall | null;
}

interface Bound extends KeptSocket {
  /** Called before it is closed. */
  readonly closing: () => void;
}

/**
 * Holds the listening sockets of services in processes of their own. The runner never accepts on them: they are
 * bound here and handed down, so that a port, with what is queued on it, outlives every process that serves it.
 */
export class SocketKeeper {
  readonly #time: ReactorTime;
  readonly #kept = new Map<string, Kept>();

  constructor(time: ReactorTime) {
    this.#time = time;
  }

  /**
   * The socket for `request`, for `user` to have until it is released.
   * @throws {CannotListenError} when it cannot be bound, or another service has it
   */
  async acquire(request: KeepRequest, user: object): Promise<KeptSocket> {
    const { endpoint, owner, nth, cwd } = request;
    const { place, anywhere } = placeOf(endpoint);
    const key = anywhere ? `${owner} ${place} ${nth}` : place;
    const known = this.#kept.get(key);
    if (known !== undefined && known.owner !== owner) {
      if (known.users.size > 0) {
        throw cannotListen(
          formatEndpoint(endpoint),
          `service "${known.owner}" listens there; choose another port`,
        );
      }
      await this.#close(known);
    }
    let kept = this.#kept.get(key);
    if (kept === undefined) {
      kept = { owner, key, bound: bind(endpoint, cwd), users: new Set(), expiry: null };
      this.#kept.set(key, kept);
    }
    kept.expiry?.cancel();
    kept.expiry = null;
    kept.users.add(user);
    try {
      return await kept.bound;
    } catch (error) {
      if (this.#kept.get(key) === kept) this.#kept.delete(key);
      throw error;
    }
  }

  /** `user` needs none of its sockets any more; those that nobody uses stay for `hold` ms. */
  async release(user: object, hold: number): Promise<void> {
    const unused = [...this.#kept.values()].filter((kept) =>
      kept.users.delete(user) && kept.users.size === 0
    );
    for (const kept of unused) {
      if (hold === 0) await this.#close(kept);
      else kept.expiry = this.#time.callLater(hold, () => void this.#close(kept));
    }
  }

  /** Close every socket. */
  async close(): Promise<void> {
    for (const kept of [...this.#kept.values()]) await this.#close(kept);
  }

  async #close(kept: Kept): Promise<void> {
    kept.expiry?.cancel();
    if (this.#kept.get(kept.key) === kept) this.#kept.delete(kept.key);
    const bound = await kept.bound.catch(() => null);
    bound?.closing();
    bound?.handle.close();
  }
}

async function bind(endpoint: ServerEndpoint, cwd: string): Promise<Bound> {
  const name = formatEndpoint(endpoint);
  switch (endpoint.kind) {
    case "tcp":
      return bindTcp(endpoint, name);
    case "unix":
      return await bindUnix(resolve(cwd, endpoint.path), endpoint, name);
    case "fd":
      return adopt(endpoint.fd, name);
    case "systemd": {
      const environment = {
        LISTEN_PID: Deno.env.get("LISTEN_PID"),
        LISTEN_FDS: Deno.env.get("LISTEN_FDS"),
        LISTEN_FDNAMES: Deno.env.get("LISTEN_FDNAMES"),
      };
      return adopt(systemdDescriptor(endpoint.socket, environment, Deno.pid), name);
    }
    default:
      throw cannotListen(name, 'a process of its own cannot have it; write "isolate: inline"');
  }
}

/** A handle tells that its address is in use only when it listens, which is for the process to do: so ask first. */
function bindTcp({ interface: hostname, port }: TcpEndpoint, name: string): Bound {
  let address: string;
  try {
    using asked = Deno.listen({ hostname, port });
    address = asked.addr.hostname;
  } catch (error) {
    throw cannotListen(name, describeBindError(error, hostname, port), error);
  }
  const handle = new (handleClass("tcp"))(HANDLE.server);
  const error = address.includes(":") ? handle.bind6(address, port, 0) : handle.bind(address, port);
  return bound(handle, error, name);
}

function adopt(fd: number, name: string): Bound {
  const handle = new (handleClass("tcp"))(HANDLE.server);
  return bound(handle, handle.open(fd), name);
}

function bound(handle: StreamHandle, error: number, name: string): Bound {
  if (error !== 0) {
    handle.close();
    throw cannotListen(name, `the system refuses it (error ${-error})`);
  }
  const into: { address?: string; port?: number } = {};
  handle.getsockname(into);
  const host = { transport: "tcp", hostname: into.address ?? "", port: into.port ?? 0 } as const;
  return { handle, host, closing: () => {} };
}

/** As `listenUnix` does: under a name of its own until its mode is right, then moved to its place. */
async function bindUnix(path: string, { path: written, mode }: UnixEndpoint, name: string): Promise<Bound> {
  await assertPathFree(path);
  const birth = `${path}.${Deno.pid}`;
  const handle = new (handleClass("unix"))(HANDLE.server);
  try {
    removeIfThere(birth);
    const error = handle.bind(birth);
    if (error !== 0) {
      throw cannotListen(name, `the system refuses it (error ${-error}); does its folder exist?`);
    }
    Deno.chmodSync(birth, mode);
    Deno.renameSync(birth, path);
  } catch (error) {
    handle.close();
    removeIfThere(birth);
    throw error instanceof CannotListenError ? error : cannotListen(name, (error as Error).message, error);
  }
  const inode = statOf(path)?.ino;
  return {
    handle,
    host: { transport: "unix", path: written },
    closing: () => {
      if (statOf(path)?.ino === inode) removeIfThere(path);
    },
  };
}

function statOf(path: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(path);
  } catch {
    return null;
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Gone already.
  }
}
