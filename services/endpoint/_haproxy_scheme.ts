import type { HaproxyEndpoint } from "./endpoint.ts";
import { Fault, within } from "./_fault.ts";
import type { Field } from "./_fields.ts";
import { addressBlocks } from "./_parts.ts";
import { readFields, readMapping, readText, type Schemes } from "./_read.ts";
import type { Scheme } from "./_scheme.ts";

type Inner = HaproxyEndpoint["inner"];

const EXAMPLE = "haproxy:tcp:8080:trusted=10.0.0.0/8";
/** A proxy on this machine. */
const LOOPBACK: readonly string[] = ["127.0.0.0/8", "::1"];

/**
 * The scheme that wraps another: what follows `haproxy:` is an endpoint of its own, but for the keyword
 * `trusted`.
 */
export function haproxyScheme(proxied: Schemes<Inner>): Scheme<HaproxyEndpoint> {
  return {
    name: "haproxy",
    example: EXAMPLE,
    fromFields(fields) {
      const { trusted, rest } = takeTrusted(fields);
      if (rest.every(({ value }) => value === "")) {
        throw new Fault(`the endpoint behind it is missing, as in "${EXAMPLE}"`);
      }
      const inner = readFields(rest, proxied);
      if (trusted === undefined) return { kind: "haproxy", inner, trusted: LOOPBACK };
      return { kind: "haproxy", inner, trusted: readTrusted(() => addressBlocks.parse(trusted)) };
    },
    fromMapping(value, { trusted, ...others }) {
      const [unknown] = Object.keys(others);
      if (unknown !== undefined) {
        throw new Fault(`"${unknown}" belongs into the mapping under haproxy, which itself takes trusted`, [
          unknown,
        ]);
      }
      const inner = within(
        "haproxy",
        "",
        () => typeof value === "string" ? readText(value, proxied) : readMapping(value, proxied),
      );
      if (trusted === undefined) return { kind: "haproxy", inner, trusted: LOOPBACK };
      return { kind: "haproxy", inner, trusted: readTrusted(() => addressBlocks.fromValue(trusted)) };
    },
    format({ inner, trusted }) {
      const text = `haproxy:${proxied.byName.get(inner.kind)!.format(inner)}`;
      const told = addressBlocks.format(trusted);
      return told === addressBlocks.format(LOOPBACK) ? text : `${text}:trusted=${told}`;
    },
    schema: {
      type: "object",
      properties: {
        haproxy: { anyOf: [{ type: "string" }, ...[...proxied.byName.values()].map(({ schema }) => schema)] },
        trusted: addressBlocks.schema,
      },
      required: ["haproxy"],
      additionalProperties: false,
    },
  };
}

function readTrusted(read: () => readonly string[]): readonly string[] {
  return within("trusted", "trusted ", read);
}

/** Takes `trusted=` out, with the fields after it that an IPv6 address in it was split into. */
function takeTrusted(fields: readonly Field[]): { trusted: string | undefined; rest: readonly Field[] } {
  const start = fields.findIndex(({ key }) => key === "trusted");
  if (start < 0) return { trusted: undefined, rest: fields };
  const length = fields.slice(start + 1).findIndex(({ key }) => key !== undefined);
  const end = length < 0 ? fields.length : start + 1 + length;
  const rest = [...fields.slice(0, start), ...fields.slice(end)];
  if (rest.some(({ key }) => key === "trusted")) throw new Fault("trusted is given twice");
  return { trusted: fields.slice(start, end).map(({ value }) => value).join(":"), rest };
}
