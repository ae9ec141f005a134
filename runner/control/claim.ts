import {
  fitsSocket,
  LONGEST_SOCKET_PATH,
  type RuntimeEnvironment,
  runtimeFolders,
  socketIn,
} from "./runtime_folders.ts";

/** Where the control socket is to be; says why not, and what to do. */
export class ControlSocketError extends Error {
  override readonly name: string = "ControlSocketError";
}

/** Another runner has the name: this one must not start. */
export class NameTakenError extends ControlSocketError {
  override readonly name = "NameTakenError";
}

/** The right to be the only runner of a name, held until it is disposed of. Its socket is still to be opened. */
export interface Claim extends Disposable {
  readonly socket: string;
}

/**
 * Claim the control socket of an application, before anything is started: two runners of one name would each take
 * the other's operators. A lock on a file beside the socket decides; it goes with the process, however that ends.
 *
 * @param where a socket's path; one that ends in `/` is a folder in which sockets have the names of their
 * applications; undefined: the first of the runtime folders that can be used
 * @throws {NameTakenError} when another runner has it
 * @throws {ControlSocketError} when there can be no socket
 */
export async function claimControl(
  name: string,
  where: string | undefined,
  environment: RuntimeEnvironment,
): Promise<Claim> {
  if (where !== undefined) {
    const path = where.endsWith("/") ? socketIn(where, name) : where;
    if (!fitsSocket(path)) {
      throw new ControlSocketError(
        `Cannot open control socket "${path}": its path is longer than ${LONGEST_SOCKET_PATH} bytes; choose a shorter one`,
      );
    }
    if (where.endsWith("/")) prepare(where, environment.uid);
    return lock(path, name);
  }
  const folders = runtimeFolders(environment).filter((folder) => fitsSocket(socketIn(folder, name)));
  for (const folder of folders) {
    if (await isAnswered(socketIn(folder, name))) throw taken(name, socketIn(folder, name));
  }
  const refusals: string[] = [];
  for (const folder of folders) {
    try {
      prepare(folder, environment.uid);
      return lock(socketIn(folder, name), name);
    } catch (error) {
      if (error instanceof NameTakenError) throw error;
      refusals.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new ControlSocketError(refusals.join("; "));
}

/** Whether somebody accepts connections at the socket `path`. */
export async function isAnswered(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return true;
  } catch {
    return false;
  }
}

/** Make `folder`, or see that it is ours: what others may write to, they may put their sockets in. */
function prepare(folder: string, uid: number): void {
  const refuse = (reason: string): never => {
    throw new ControlSocketError(`Cannot put the control socket into "${folder}": ${reason}`);
  };
  try {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { isDirectory, uid: owner, mode } = Deno.lstatSync(folder);
    if (!isDirectory) refuse("it is no folder");
    if (owner !== uid && uid !== 0) refuse("it belongs to another user");
    if (((mode ?? 0) & 0o022) !== 0) refuse("others may write to it");
  } catch (error) {
    if (error instanceof ControlSocketError) throw error;
    refuse(error instanceof Error ? error.message : String(error));
  }
}

function lock(socket: string, name: string): Claim {
  const path = socket.replace(/(\.sock)?$/, ".lock");
  while (true) {
    const file = open(path, socket);
    if (!file.tryLockSync(true)) {
      file.close();
      throw taken(name, socket);
    }
    // Its last owner may have removed it between our opening and our locking it.
    if (isStill(path, file)) {
      return {
        socket,
        [Symbol.dispose]() {
          Deno.removeSync(path);
          file.close();
        },
      };
    }
    file.close();
  }
}

function open(path: string, socket: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { create: true, write: true, mode: 0o600 });
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? "its folder does not exist"
      : error instanceof Error
      ? error.message
      : String(error);
    throw new ControlSocketError(`Cannot open control socket "${socket}": ${reason}`);
  }
}

function isStill(path: string, file: Deno.FsFile): boolean {
  try {
    return Deno.statSync(path).ino === file.statSync().ino;
  } catch {
    return false;
  }
}

function taken(name: string, socket: string): NameTakenError {
  return new NameTakenError(
    `Cannot serve "${name}": a runner of that name is at work (its control socket is "${socket}"); stop it, ` +
      `or give this one another name or --control`,
  );
}
