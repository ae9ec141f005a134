import type { Contender } from "./contender.ts";
import { benchFile } from "./run_process.ts";

/** A contender written for Twisted, as the system packages it. */
export function twistedContender(file: string, ...args: readonly string[]): Contender {
  return {
    name: "Twisted",
    command: ["/usr/bin/python3", benchFile(file), ...args],
    probe: ["/usr/bin/python3", "-c", "import twisted"],
    install: "apt-get install python3-twisted",
  };
}

/** A contender written for Node. */
export function nodeContender(file: string, ...args: readonly string[]): Contender {
  return {
    name: "Node net",
    command: ["node", benchFile(file), ...args],
    probe: ["node", "--version"],
    install: "apt-get install nodejs",
  };
}
