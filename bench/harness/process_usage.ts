/** What the kernel counts in, for `/proc/<pid>/stat`: 100 a second on every Linux. */
const TICKS_PER_SECOND = 100;
const PAGE = 4096;

/** User and system CPU time of a process and all its threads since its start, s. */
export function cpuSeconds(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The second field is the command's name in parentheses, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Memory of a process that is in RAM, bytes. */
export function residentBytes(pid: number): number {
  return Number(Deno.readTextFileSync(`/proc/${pid}/statm`).split(" ")[1]) * PAGE;
}

/** How many files this process, and those that it starts, may have open. */
export function openFilesLimit(): number {
  const limit = /^Max open files\s+\S+\s+(\S+)/m.exec(Deno.readTextFileSync("/proc/self/limits"))?.[1];
  return limit === "unlimited" ? Infinity : Number(limit);
}
