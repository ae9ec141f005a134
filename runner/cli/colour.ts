import type { CommandIO, Output } from "./io.ts";

/** Whether `output` may be painted: a terminal, and nobody objects (https://no-color.org). */
export function colourOn(output: Output, io: Pick<CommandIO, "env">): boolean {
  return output.isTerminal && !io.env("NO_COLOR") && io.env("TERM") !== "dumb";
}
