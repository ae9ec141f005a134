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

/** What the process `pid` has used; null where that cannot be known: it is gone, or there is no `/proc`. */
export function processUsage(pid: number): ProcessUsage | null {
  let stat: string;
  try {
    stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  } catch {
    return null;
  }
  // proc_pid_stat(5). The name, in parentheses, may hold anything: count from behind it, where field 3 stands.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const field = (number: number): number => Number(fields[number - 3]);
  return {
    cpuSeconds: (field(14) + field(15)) / TICKS_PER_SECOND,
    residentBytes: field(24) * PAGE,
  };
}
