import { quote } from "../text/quote.ts";
import type { ProcessCommand, ProcessExit } from "./child_process.ts";

/** `"backup" exited with status 3`, `"backup" was ended by SIGKILL`; with the last that it wrote, if anything. */
export function describeExit(
  { command: [program] }: ProcessCommand,
  { code, signal }: ProcessExit,
  lastLine: string | null,
): string {
  const how = signal === null ? `exited with status ${code}` : `was ended by ${signal}`;
  return `${quote(program)} ${how}${lastLine === null ? "" : `; the last it wrote: ${quote(lastLine)}`}`;
}
