import { z } from "zod";
import type { ClientEndpoint } from "../../../services/endpoint/endpoint.ts";
import { EndpointError } from "../../../services/endpoint/endpoint_error.ts";
import { parseClientEndpoint } from "../../../services/endpoint/parse.ts";
import { clientEndpoint, duration, parsed } from "../../../services/plugin/zod.ts";

const list = z.array(clientEndpoint()).min(1);
const targets = z.union([clientEndpoint().transform((one) => [one]), list]);

/** In the place of a target that was parsed already. */
const NOWHERE = "unix:nowhere";

const settings = z.strictObject({
  to: targets.describe(
    'Upstreams: "tcp:127.0.0.1:3000", "unix:/run/app.sock", "tls:…", "discover:NAME"; one or more',
  ),
  balance: z.enum(["round-robin", "least-connections", "random-two"]).default("round-robin")
    .describe("Which of several upstreams is next; random-two: the less busy of two"),
  host: z.string().regex(/^[\x21-\x7e]+$/, { error: "Must be a host, with a port or without" }).default(
    "keep",
  )
    .describe("Host that upstreams are told: keep (the client's), upstream (their own), or another"),
  retries: z.int().min(0).max(10).default(2)
    .describe("Further upstreams for an idempotent request of which no byte was answered"),
  failures: z.strictObject({
    count: z.int().positive().default(3).describe("So many failures"),
    within: duration().prefault("10s").describe("in so long"),
    pause: duration().prefault("10s").describe("take an upstream out for so long"),
  }).prefault({}).describe("Of several upstreams, leave out who keeps failing"),
  health: z.strictObject({
    path: z.string().startsWith("/").describe("Path that is asked for; 200 to 399 is healthy"),
    interval: duration().prefault("5s").describe("From one check to the next"),
    timeout: duration().prefault("2s").describe("For the answer"),
    unhealthyAfter: z.int().positive().default(2).describe(
      "Failed checks in a row that take an upstream out",
    ),
    healthyAfter: z.int().positive().default(2).describe("Good checks in a row that bring it back"),
  }).optional().describe("Ask every upstream how it is; default: only watch what requests meet with"),
  timeouts: z.strictObject({
    connect: duration().prefault("5s").describe("For a connection to an upstream; else 504"),
    response: duration().prefault("60s").describe("For the head of its response; else 504"),
    tunnel: duration().prefault("1h").describe("For anything on a WebSocket, in either direction"),
    idle: duration().prefault("60s").describe(
      "For more of its response, or for it to take more of the request",
    ),
  }).prefault({}),
});

/** What a `proxy` route forwards to, and how: `to` alone, if that is a text or a list. */
export const proxyOptions = z.union([
  parsed(parseClientEndpoint, EndpointError).transform((one) => settingsFor([one])),
  list.transform(settingsFor),
  settings,
]);

/** As the plugin gets them. */
export type ProxyOptions = z.output<typeof settings>;

function settingsFor(to: ClientEndpoint[]): ProxyOptions {
  return { ...settings.parse({ to: NOWHERE }), to };
}
