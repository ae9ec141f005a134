import { z } from "zod";
import { clientEndpoint, duration, endpoint, size, udpEndpoint } from "../../../services/plugin/zod.ts";
import { parseClientEndpoint, parseEndpoint, parseUdpEndpoint } from "../../../services/endpoint/parse.ts";
import { assert, assertEquals } from "../../assert.ts";

const options = z.strictObject({
  listen: endpoint().prefault("tcp:127.0.0.1:7007"),
  upstream: clientEndpoint().optional(),
  datagrams: udpEndpoint().prefault({ udp: 7007 }),
  idleTimeout: duration().prefault("5m"),
  maxMessage: size().prefault("64KiB"),
});

/** `path: message` of every issue. */
function issues(schema: z.ZodType, value: unknown): string[] {
  const result = schema.safeParse(value);
  assert(!result.success);
  return result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

Deno.test("the zod pieces give parsed values, also of a prefault", () => {
  assertEquals(options.parse({}), {
    listen: parseEndpoint("tcp:127.0.0.1:7007"),
    datagrams: parseUdpEndpoint("udp:7007"),
    idleTimeout: 300_000,
    maxMessage: 65_536,
  });
  assertEquals(
    options.parse({
      listen: { unix: "/run/x.sock", mode: "600" },
      upstream: { tcp: "example.org:80" },
      datagrams: "udp:5353",
      idleTimeout: 0,
      maxMessage: 512,
    }),
    {
      listen: parseEndpoint("unix:/run/x.sock:mode=600"),
      upstream: parseClientEndpoint("tcp:example.org:80"),
      datagrams: parseUdpEndpoint("udp:5353"),
      idleTimeout: 0,
      maxMessage: 512,
    },
  );
});

Deno.test("the zod pieces report in the parser's words, at the mapping's key", () => {
  const given = {
    listen: "tcp:80o",
    upstream: { tls: "example.org:443", serverName: "a b" },
    datagrams: 5353,
    idleTimeout: 10,
    maxMessage: "10M",
  };
  assertEquals(issues(options, given), [
    `listen: Cannot parse endpoint "tcp:80o": port must be 0-65535`,
    `upstream.serverName: Cannot parse endpoint { tls: "example.org:443", serverName: "a b" }: ` +
    "serverName must be a DNS name or an IP address",
    `datagrams: Cannot parse endpoint 5353: it must be a string, as in "udp:5353", or a mapping`,
    `idleTimeout: Cannot parse duration 10: add a unit, as in "10s" or "500ms"`,
    `maxMessage: Cannot parse size "10M": unknown unit "M" (did you mean "MB"?), ` +
    "known are TiB, GiB, MiB, KiB, TB, GB, MB, kB, B",
  ]);
});

Deno.test("the zod pieces report a missing key, and a value of the wrong kind, as zod does", () => {
  const demanded = z.strictObject({ listen: endpoint(), timeout: duration(), limit: size() });
  assertEquals(issues(demanded, {}), [
    "listen: Invalid input: expected string, received undefined",
    "timeout: Invalid input: expected string, received undefined",
    "limit: Invalid input: expected string, received undefined",
  ]);
  assertEquals(issues(demanded, { listen: "stdio:", timeout: true, limit: null }), [
    "timeout: Invalid input: expected string, received boolean",
    "limit: Invalid input: expected string, received null",
  ]);
});

interface Schema {
  readonly [keyword: string]: unknown;
  readonly properties?: Record<string, Schema>;
  readonly anyOf?: readonly Schema[];
}

function inputSchema(schema: z.ZodType): Schema {
  return z.toJSONSchema(schema, { io: "input" }) as Schema;
}

Deno.test("the zod pieces describe their input as JSON Schema", () => {
  const { properties, required } = inputSchema(options);
  assertEquals(required, undefined);
  const { listen, idleTimeout, maxMessage } = properties!;
  assertEquals(listen!.default, "tcp:127.0.0.1:7007");
  assertEquals(listen!.anyOf?.[0], {
    type: "string",
    pattern: "^(tcp|tls|unix|fd|systemd|stdio|haproxy)(:|$)",
  });
  assertEquals(listen!.anyOf?.[1], {
    type: "object",
    properties: {
      tcp: { anyOf: [{ type: "integer", minimum: 0, maximum: 65535 }, { type: "string" }] },
      interface: { type: "string", description: `An IP address or "localhost"` },
      backlog: { type: "integer", minimum: 1, maximum: 65535 },
    },
    required: ["tcp"],
    additionalProperties: false,
  });
  const tls = listen!.anyOf?.find(({ properties }) => Object.hasOwn(properties ?? {}, "tls"));
  assertEquals(tls?.required, ["tls"]);
  assertEquals(tls?.anyOf, [{ required: ["certificate", "privateKey"] }, { required: ["certificates"] }]);
  assertEquals(idleTimeout!.default, "5m");
  assertEquals(maxMessage!.default, "64KiB");
});

Deno.test("the zod pieces demand their key in JSON Schema when they have no prefault", () => {
  assertEquals(inputSchema(z.strictObject({ listen: endpoint() })).required, ["listen"]);
});

Deno.test("the JSON Schema of each piece accepts its own examples, and so does the piece", () => {
  for (const piece of [endpoint(), clientEndpoint(), udpEndpoint(), duration(), size()]) {
    const { examples, anyOf } = inputSchema(piece);
    assert(Array.isArray(examples) && examples.length > 0);
    const pattern = new RegExp(String(anyOf?.find(({ type }) => type === "string")?.pattern));
    for (const example of examples) {
      assert(piece.safeParse(example).success, String(example));
      if (typeof example === "string") assert(pattern.test(example), example);
    }
  }
});
