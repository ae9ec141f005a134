/** What the system says of a process. */
export interface ProcessUsage {
  /** CPU time, user and system, seconds. */
  readonly cpu: number;
  /** Resident memory, bytes. */
  readonly memory: number;
}

/** USER_HZ, which Linux fixes for what it tells programs. */
const TICKS_PER_SECOND = 100;
const PAGE = 4096;

/** Read from Linux's /proc; null where there is none, or the process is gone. */
export function usageOf(pid: number): ProcessUsage | null {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // The name, in parentheses, may hold anything; what follows it are numbers (proc(5)): the state is field 3.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [user, system, pages] = [fields[11], fields[12], fields[21]].map(Number);
    return { cpu: (user! + system!) / TICKS_PER_SECOND, memory: pages! * PAGE };
  } catch {
    return null;
  }
}
