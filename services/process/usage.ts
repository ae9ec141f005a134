/** What a process has used, from `/proc`. */
export interface ProcessUsage {
  /** User and system time, seconds. */
  readonly cpuSeconds: number;
  /** Resident memory, bytes. */
  readonly residentBytes: number;
}

/** Linux counts CPU time in hundredths of a second towards programs (USER_HZ), and memory in pages. */
const TICKS_PER_SECOND = 100;
const PAGE = 4096;

/** What the process `pid` has used; null where that cannot be known: it is gone, or `/proc` may not be read. */
export function processUsage(pid: number): ProcessUsage | null {
  try {
    return usageOf(Deno.readTextFileSync(statPath(pid)));
  } catch {
    return null;
  }
}

/**
 * The same by way of `cat`, where the runtime keeps `/proc` to itself, which it does unless everything is allowed.
 * Costs a process.
 */
export async function askProcessUsage(pid: number): Promise<ProcessUsage | null> {
  try {
    const command = new Deno.Command("cat", { args: [statPath(pid)], stdin: "null", stderr: "null" });
    const { success, stdout } = await command.output();
    return success ? usageOf(new TextDecoder().decode(stdout)) : null;
  } catch {
    return null;
  }
}

function statPath(pid: number): string {
  return `/proc/${pid}/stat`;
}

/** proc_pid_stat(5). The name, in parentheses, may hold anything: count from behind it, where field 3 stands. */
function usageOf(stat: string): ProcessUsage {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const field = (number: number): number => Number(fields[number - 3]);
  return {
    cpuSeconds: (field(14) + field(15)) / TICKS_PER_SECOND,
    residentBytes: field(24) * PAGE,
  };
}
