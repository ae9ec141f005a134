/** Bytes of a UNIX socket's path, unix(7), without the process id that its birth adds. */
const PATH_LIMIT = 107 - ".4194304".length;

/** What decides where control sockets are. */
export interface RuntimeEnvironment {
  env(name: string): string | undefined;
  /** This user's. */
  readonly uid: number;
}

/**
 * The folders in which the control sockets of this user's runners may be, the best first. A runner takes the first
 * that it can use; a client looks into all: a service and a login often disagree about XDG_RUNTIME_DIR.
 */
export function runtimeFolders({ env, uid }: RuntimeEnvironment): string[] {
  const given = env("XDG_RUNTIME_DIR");
  return [
    ...new Set([
      ...(given === undefined || given === "" ? [] : [`${given}/heddle`]),
      ...(uid === 0 ? ["/run/heddle"] : []),
      `/run/user/${uid}/heddle`,
      `/tmp/heddle-${uid}`,
    ]),
  ];
}

/** The control socket of an application in `folder`. */
export function socketIn(folder: string, name: string): string {
  return `${folder.replace(/\/$/, "")}/${name}.sock`;
}

/** Whether the path of a socket is short enough for the system. */
export function fitsSocket(path: string): boolean {
  return new TextEncoder().encode(path).length <= PATH_LIMIT;
}

/** The longest path of a control socket, in bytes. */
export const LONGEST_SOCKET_PATH: number = PATH_LIMIT;
