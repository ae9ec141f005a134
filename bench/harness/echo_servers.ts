import type { Contender } from "./contender.ts";
import { nodeContender, twistedContender } from "./peers.ts";
import { denoCommand } from "./run_process.ts";

/** The TCP echo servers that are measured side by side. */
export const ECHO_SERVERS = {
  raw: { name: "raw Deno loop", command: denoCommand("contenders/raw_echo.ts") },
  /** What a chunk that may be kept costs where there is no framework. */
  copying: { name: "raw loop, copies", command: denoCommand("contenders/raw_echo.ts", "copy") },
  keep: { name: "Heddle, keeps", command: denoCommand("contenders/heddle_echo.ts", "keep") },
  lend: { name: "Heddle, borrows", command: denoCommand("contenders/heddle_echo.ts", "lend") },
  twisted: twistedContender("contenders/twisted_echo.py", "tcp"),
  node: nodeContender("contenders/node_echo.mjs"),
} as const satisfies Record<string, Contender>;
