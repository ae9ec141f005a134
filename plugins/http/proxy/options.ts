import { z } from "zod";
import type { ClientEndpoint } from "../../../services/endpoint/endpoint.ts";
import { clientEndpointSchema } from "../../../services/endpoint/json_schema.ts";
import { clientEndpoint, duration, type EndpointInput } from "../../../services/plugin/zod.ts";

const server = clientEndpoint();

/**
 * One schema and not a union, of which it would be said that none of its forms fits; a list has the wrong type, so
 * that what is wrong within one is told.
 */
const target = z.unknown().meta(clientEndpointSchema()).transform(
  (value, context) => readAs(server, Array.isArray(value) ? undefined : value, context),
) as unknown as z.ZodType<ClientEndpoint, EndpointInput>;

/** What `schema` makes of `value`; what is wrong with it is the option's fault, in the schema's words. */
function readAs<T>(schema: z.ZodType<T>, value: unknown, context: z.core.$RefinementCtx): T {
  const { data, error } = schema.safeParse(value);
  for (const issue of error?.issues ?? []) {
    context.issues.push({ ...issue, input: value } as z.core.$ZodRawIssue);
  }
  return data ?? z.NEVER;
}

const list = z.array(target).min(1);
const targets = z.union([target.transform((one) => [one]), list]);

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
  z.string().transform((text, context) => [readAs(target, text, context)]).transform(settingsFor),
  list.transform(settingsFor),
  settings,
]);

/** As the plugin gets them. */
export type ProxyOptions = z.output<typeof settings>;

function settingsFor(to: ClientEndpoint[]): ProxyOptions {
  return { ...settings.parse({ to: NOWHERE }), to };
}
