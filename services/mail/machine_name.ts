import { hostname } from "node:os";
import { parseDomain } from "./address.ts";

/** What this machine calls itself; `localhost` where that is no host name, or may not be known. */
export function machineName(): string {
  try {
    return parseDomain(hostname()) ?? "localhost";
  } catch {
    // That needs a permission, which nobody has to give for a name.
    return "localhost";
  }
}
