import type { ReactorTime } from "../../async/time.ts";
import type { UnixEndpoint } from "../../endpoint/endpoint.ts";
import type { Address } from "../address.ts";
import type { CannotListenError } from "../errors.ts";
import type { RawConn, RawListener } from "../raw.ts";
import { cannotListen } from "./_listen_error.ts";
import { describeSystemError, errorCode } from "./_system_error.ts";
import { DenoRawListener } from "./deno_listener.ts";

/** Bytes that `sun_path` holds beside its final zero; see unix(7). */
const PATH_LIMIT = 107;

/**
 * Listen on a UNIX domain socket. The file that a dead process left behind is replaced, a socket that
 * somebody answers is an error.
 *
 * The socket is bound under a name of its own, given its mode, and only then moved to `path`: nobody can
 * reach it before its permissions are right, whatever the umask, and a stale file is replaced in one step.
 * (Setting the umask around the bind would change what other threads of the runtime create meanwhile.)
 *
 * @throws {CannotListenError} naming the endpoint, the cause and what to do
 */
export async function listenUnix(endpoint: UnixEndpoint, time: ReactorTime): Promise<RawListener> {
  const { path, mode } = endpoint;
  const birthPath = `${path}.${Deno.pid}`;
  const room = PATH_LIMIT - (birthPath.length - path.length);
  if (new TextEncoder().encode(path).length > room) {
    throw refusal(path, `path is longer than ${room} bytes`);
  }
  await assertPathFree(path);
  let listener: Deno.UnixListener | undefined;
  try {
    removeIfThere(birthPath);
    listener = Deno.listen({ transport: "unix", path: birthPath });
    Deno.chmodSync(birthPath, mode);
    Deno.renameSync(birthPath, path);
    return new UnixRawListener(listener, path, time);
  } catch (error) {
    listener?.close();
    removeIfThere(birthPath);
    throw refusal(path, describeUnixError(error, path), error);
  }
}

/** Removes its socket file when it closes, unless another listener has taken the name over by then. */
class UnixRawListener implements RawListener {
  #inner: DenoRawListener;
  #path: string;
  #inode: number | null;
  #closed = false;

  constructor(listener: Deno.UnixListener, path: string, time: ReactorTime) {
    this.#inner = new DenoRawListener(listener, time, { host: { transport: "unix", path } });
    this.#path = path;
    this.#inode = Deno.lstatSync(path).ino;
  }

  get host(): Address {
    return this.#inner.host;
  }

  accept(): Promise<RawConn> {
    return this.#inner.accept();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (inodeOf(this.#path) === this.#inode) removeIfThere(this.#path);
    this.#inner.close();
  }
}

/**
 * Throws unless `path` is free to take: absent, or the socket of a process that is gone.
 * @throws {CannotListenError}
 */
export async function assertPathFree(path: string): Promise<void> {
  let file: Deno.FileInfo;
  try {
    file = await Deno.lstat(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    throw refusal(path, describeUnixError(error, path), error);
  }
  if (!file.isSocket) throw refusal(path, "file exists and is no socket; remove it or choose another path");
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (error) {
    const code = errorCode(error);
    if (code === "ECONNREFUSED" || code === "ENOENT") return;
    // Busy (EAGAIN), another type of socket (EPROTOTYPE), not ours to ask (EACCES): not known to be dead.
    throw refusal(path, `socket cannot be told to be unused: ${describeSystemError(error)}`, error);
  }
  throw refusal(path, "socket in use; stop the other program or choose another path");
}

function refusal(path: string, reason: string, cause?: unknown): CannotListenError {
  return cannotListen(`unix:${path}`, reason, cause);
}

function describeUnixError(error: unknown, path: string): string {
  switch (errorCode(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return `directory "${path.slice(0, path.lastIndexOf("/")) || "."}" not found; create it first`;
    case "EACCES":
    case "EPERM":
      return "permission denied; this user may not create files in the directory";
  }
  if (error instanceof Deno.errors.NotCapable) {
    return "not permitted; grant Deno's --allow-read and --allow-write for its directory";
  }
  return describeSystemError(error);
}

function inodeOf(path: string): number | null | undefined {
  try {
    return Deno.lstatSync(path).ino;
  } catch {
    return undefined;
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Gone already, or not ours to remove: nothing depends on it.
  }
}
