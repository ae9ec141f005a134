import type { HttpComparison } from "../../harness/http_comparison.ts";
import { denoServe, engine, nodeWs } from "../../harness/http_servers.ts";

const ours = engine("socket");
const raw = denoServe("socket");

/** WebSockets that send back what they are sent. */
export const sockets: readonly HttpComparison[] = [64, 16 << 10].map((size) => ({
  title: `WebSocket echo of ${size < 1024 ? `${size} B` : `${size >> 10} KiB`}, 64 connections`,
  contenders: [ours, raw, nodeWs],
  load: { kind: "websocket", connections: 64, size },
  goals: [
    { against: raw, by: "CPU", atLeast: 0.8 },
    { against: nodeWs, by: "CPU", atLeast: 0.8 },
  ],
}));
