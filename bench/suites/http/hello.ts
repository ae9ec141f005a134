import type { HttpComparison } from "../../harness/http_comparison.ts";
import {
  caddy,
  denoServe,
  engine,
  nodeHttp,
  nodeHttpInDeno,
  plugin,
  twistedWeb,
} from "../../harness/http_servers.ts";

const ours = plugin("hello");
const raw = denoServe("hello");
const own = engine("hello");
const twisted = twistedWeb("hello");

/** A short text, through site and route matching. */
export const hello: readonly HttpComparison[] = [
  {
    title: "Hello, 64 connections",
    contenders: [ours, raw, own, nodeHttpInDeno, nodeHttp, twisted, caddy],
    load: { connections: 64 },
    goals: [
      { against: raw, by: "CPU", atLeast: 0.9 },
      { against: twisted, by: "CPU", atLeast: 6 },
      { against: nodeHttpInDeno, by: "CPU", atLeast: 2 },
      { against: nodeHttp, by: "CPU", atLeast: 1.3 },
      { against: caddy, by: "CPU", atLeast: 2 },
    ],
    notes: [
      "By wrk, which falls asleep whenever it is faster than the server; who wakes it pays for that. So the " +
      "slower of two servers does the more for each request.",
    ],
  },
  {
    title: "Hello, 512 connections",
    contenders: [ours, raw, own, nodeHttp],
    load: { connections: 512 },
    goals: [{ against: raw, by: "CPU", atLeast: 0.9 }],
  },
  {
    title: "Hello, 64 connections that never sleep",
    contenders: [ours, raw, own],
    load: { kind: "request", connections: 64, size: 0 },
    goals: [{ against: raw, by: "CPU", atLeast: 0.9 }],
    notes: ["By a generator that polls, so that the server pays for the requests alone."],
  },
];
