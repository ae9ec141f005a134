import type { LogEnvironment } from "./log.ts";

/** A log's environment on this process's standard error. */
export function standardError(): LogEnvironment {
  const terminal = Deno.stderr.isTerminal();
  return {
    stderr: {
      write: async (batch) => {
        for (let written = 0; written < batch.length;) {
          written += await Deno.stderr.write(batch.subarray(written));
        }
      },
    },
    terminal,
    colour: terminal && !Deno.noColor,
    now: Date.now,
  };
}
