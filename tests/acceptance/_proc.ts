/** What Linux tells of processes. */

/** The processes that `pid` has started and that those have, without zombies. */
export function descendantsOf(pid: number): number[] {
  const children = entriesOf(`/proc/${pid}/task`)
    .flatMap((thread) => textOf(`/proc/${pid}/task/${thread}/children`).split(" "))
    .filter((text) => text !== "").map(Number).filter(lives);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** Whether there is a process of that number that is no zombie. */
export function lives(pid: number): boolean {
  return /^State:\s+[^ZX]/m.test(textOf(`/proc/${pid}/status`));
}

/** The arguments of a process; none when it has ended. */
export function argumentsOf(pid: number): string[] {
  return textOf(`/proc/${pid}/cmdline`).split("\0").slice(0, -1);
}

/** All processes of the machine whose working folder this is. */
export function processesIn(folder: string): number[] {
  return entriesOf("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return Deno.readLinkSync(`/proc/${pid}/cwd`) === folder;
    } catch {
      return false; // it has ended
    }
  });
}

/** How many descriptors of each kind a process has open: `socket`, `pipe`, `anon_inode:[eventpoll]`, a path. */
export function descriptorsOf(pid: number): Record<string, number> {
  const kinds: Record<string, number> = {};
  for (const name of entriesOf(`/proc/${pid}/fd`)) {
    try {
      const kind = Deno.readLinkSync(`/proc/${pid}/fd/${name}`).replace(/:\[\d+\]$/, "");
      kinds[kind] = (kinds[kind] ?? 0) + 1;
    } catch {
      // Closed meanwhile.
    }
  }
  return Object.fromEntries(Object.entries(kinds).sort());
}

function entriesOf(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return []; // it has ended
  }
}

/** Empty when the process, or the thread, has ended. */
function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path).trimEnd();
  } catch {
    return "";
  }
}
