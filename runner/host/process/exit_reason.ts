/** How a process ended. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** As V8 puts it, and Deno's allocator. */
const OUT_OF_HEAP = /(?:heap|JavaScript) out of memory|invalid size error|Reached heap limit/i;

/** Why it did, as far as can be told from outside. `memory`: the bound of its heap; `errors`: its last lines of standard error. */
export function exitReason(
  { code, signal }: ProcessExit,
  memory: number | null,
  errors: readonly string[],
): string {
  if (errors.some((line) => OUT_OF_HEAP.test(line))) {
    const bound = memory === null ? "" : ` of ${Math.ceil(memory / (1 << 20))} MiB`;
    return `its process ran out of its heap${bound}`;
  }
  const told = errors.findLast((line) => /error/i.test(line));
  const because = told === undefined ? "" : `: ${told}`;
  if (signal !== null) return `its process was killed by ${signal}${because}`;
  return `its process ended with status ${code}${because}`;
}
