/**
 * Pieces for options written in zod 4: each takes what stands in the application file, says what is wrong
 * with it in the parser's words, and gives the parsed value. For a default use `prefault`, which goes
 * through the parser; a `default` would not.
 *
 * @example
 * ```ts
 * import { duration, endpoint, size } from "@heddle/heddle/zod";
 * import { z } from "zod";
 *
 * const options = z.strictObject({
 *   listen: endpoint().prefault("tcp:127.0.0.1:7007"),
 *   idleTimeout: duration().prefault("5m"),
 *   maxMessage: size().optional(),
 * });
 * ```
 *
 * @module
 */

import { z } from "zod";
import type { ClientEndpoint, ServerEndpoint, UdpEndpoint } from "../endpoint/endpoint.ts";
import { EndpointError } from "../endpoint/endpoint_error.ts";
import { clientEndpointSchema, serverEndpointSchema, udpEndpointSchema } from "../endpoint/json_schema.ts";
import {
  clientEndpointFromMapping,
  endpointFromMapping,
  udpEndpointFromMapping,
} from "../endpoint/mapping.ts";
import { parseClientEndpoint, parseEndpoint, parseUdpEndpoint } from "../endpoint/parse.ts";
import { DurationError, parseDuration } from "../units/duration.ts";
import { parseSize, SizeError } from "../units/size.ts";

/** An endpoint in a file: `tcp:8080`, or `{ tcp: 8080, interface: 127.0.0.1 }`. */
export type EndpointInput = string | { readonly [key: string]: unknown };

/** Where a stream server listens: `tcp:8080`. */
export function endpoint(): z.ZodType<ServerEndpoint, EndpointInput> {
  return piece(
    serverEndpointSchema(),
    (value) => typeof value === "string" ? parseEndpoint(value) : endpointFromMapping(value),
  );
}

/** Where a stream client connects: `tcp:example.org:80`. */
export function clientEndpoint(): z.ZodType<ClientEndpoint, EndpointInput> {
  return piece(
    clientEndpointSchema(),
    (value) => typeof value === "string" ? parseClientEndpoint(value) : clientEndpointFromMapping(value),
  );
}

/** Where datagrams are received: `udp:5353`. */
export function udpEndpoint(): z.ZodType<UdpEndpoint, EndpointInput> {
  return piece(
    udpEndpointSchema(),
    (value) => typeof value === "string" ? parseUdpEndpoint(value) : udpEndpointFromMapping(value),
  );
}

/** Milliseconds: `500ms`, `10s`, `1h30m`, `2d`; of plain numbers, 0 alone. */
export function duration(): z.ZodType<number, string | 0> {
  return piece<number, string | 0>({
    description: "A duration: 500ms, 10s, 5m, 1h30m, 2d",
    examples: ["500ms", "10s", "5m", "1h30m"],
    anyOf: [{ type: "string", pattern: DURATION }, { const: 0 }],
  }, (value) => parseDuration(scalar(value)));
}

/** Bytes: `64KiB`, `10MB`, `512B`, or a plain number. */
export function size(): z.ZodType<number, string | number> {
  return piece<number, string | number>({
    description: "A size: 64KiB, 10MB, 512B, or a number of bytes",
    examples: ["64KiB", "10MB", 512],
    anyOf: [{ type: "string", pattern: SIZE }, { type: "integer", minimum: 0 }],
  }, (value) => parseSize(scalar(value)));
}

/** What `parse` makes of a text; a `failure` that it throws is the option's fault, in its own words. */
export function parsed<T>(
  parse: (text: string) => T,
  failure: new (message: string) => Error,
): z.ZodType<T, string> {
  return z.string().transform((text, context) => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof failure)) throw error;
      context.issues.push({ code: "custom", message: error.message, input: text });
      return z.NEVER;
    }
  });
}

const DURATION = "^(0|([0-9]+(\\.[0-9]+)?(d|h|m|s|ms))+)$";
const SIZE = "^[0-9]+(\\.[0-9]+)?([KMGT]iB|[kKMGT]?B)?$";

/** What stands in the file has a kind that the parser does not take. */
class WrongKind extends Error {}

function scalar(value: unknown): string | number {
  if (typeof value === "string" || typeof value === "number") return value;
  throw new WrongKind();
}

/** A zod schema that is described by `jsonSchema`, takes anything and leaves all judgement to `parse`. */
function piece<Output, Input>(
  jsonSchema: Record<string, unknown>,
  parse: (value: unknown) => Output,
): z.ZodType<Output, Input> {
  const schema = z.unknown().meta(jsonSchema).transform((value, context) => {
    try {
      if (value === undefined) throw new WrongKind();
      return parse(value);
    } catch (error) {
      context.issues.push(issueOf(error, value));
      return z.NEVER;
    }
  });
  // To zod it takes anything; `Input` is what it is good for.
  return schema as unknown as z.ZodType<Output, Input>;
}

function issueOf(error: unknown, input: unknown): z.core.$ZodRawIssue {
  // In zod's own words, as for any key that is missing or has the wrong kind.
  if (error instanceof WrongKind) return { code: "invalid_type", expected: "string", input };
  if (error instanceof EndpointError) {
    return { code: "custom", message: error.message, input, path: [...error.path] };
  }
  if (error instanceof DurationError || error instanceof SizeError) {
    return { code: "custom", message: error.message, input };
  }
  throw error;
}
