import type { HttpComparison } from "../../harness/http_comparison.ts";
import { adapter, denoServe } from "../../harness/http_servers.ts";

const raw = denoServe("hello");

/** HTTP/2 with prior knowledge. What it costs to stand between the runtime's server and a handler. */
export const http2: HttpComparison = {
  title: "Hello over HTTP/2, 8 connections with 32 streams each",
  contenders: [adapter("hello"), raw],
  load: { connections: 8, streams: 32 },
  goals: [],
  notes: ["By h2load."],
};
