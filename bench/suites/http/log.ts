import type { HttpComparison } from "../../harness/http_comparison.ts";
import { plugin } from "../../harness/http_servers.ts";

const logging = { ...plugin("logged"), name: "Heddle, logging" };
const silent = plugin("hello");

/** What the access log costs. */
export const accessLog: HttpComparison = {
  title: "The access log",
  contenders: [logging, silent],
  load: { connections: 64 },
  goals: [{ against: silent, by: "CPU", atLeast: 0.9 }],
};
