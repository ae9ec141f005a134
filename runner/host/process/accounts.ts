/** Whose rights a process has. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** How the system's account files are read; for tests. */
export type ReadAccounts = (path: "/etc/passwd" | "/etc/group") => string;

/**
 * The numbers of a user and a group, of passwd(5) and group(5). Without a group, the user's own.
 * @throws {Error} when there is none of that name
 */
export function accountOf(
  user: string | number | null,
  group: string | number | null,
  read: ReadAccounts = (path) => Deno.readTextFileSync(path),
): Account {
  const row = user === null ? undefined : findRow(read("/etc/passwd"), user);
  if (typeof user === "string" && row === undefined) {
    throw new Error(`Cannot run as user "${user}": there is no such user`);
  }
  const uid = user === null ? undefined : Number(row?.[2] ?? user);
  const gid = group === null
    ? row?.[3]
    : typeof group === "number"
    ? group
    : findRow(read("/etc/group"), group)?.[2];
  if (typeof group === "string" && gid === undefined) {
    throw new Error(`Cannot run with group "${group}": there is no such group`);
  }
  return { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid: Number(gid) }) };
}

/** The fields of the row whose name, or number, this is. */
function findRow(text: string, account: string | number): string[] | undefined {
  const at = typeof account === "number" ? 2 : 0;
  return text.split("\n").map((line) => line.split(":")).find((row) => row[at] === String(account));
}
