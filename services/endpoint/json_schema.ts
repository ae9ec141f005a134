import type { Schemes } from "./_read.ts";
import { clientSchemes, serverSchemes, udpSchemes } from "./_schemes.ts";

/** JSON Schema of what stands for a server's endpoint in a file: a string or a mapping. */
export function serverEndpointSchema(): Record<string, unknown> {
  return describe("Where to listen", serverSchemes);
}

/** JSON Schema of what stands for a client's endpoint in a file: a string or a mapping. */
export function clientEndpointSchema(): Record<string, unknown> {
  return describe("Where to connect", clientSchemes);
}

/** JSON Schema of what stands for a datagram endpoint in a file: a string or a mapping. */
export function udpEndpointSchema(): Record<string, unknown> {
  return describe("Where to receive datagrams", udpSchemes);
}

/** An editor completes and checks with it; only the parser knows every rule. */
function describe(description: string, { byName }: Schemes<unknown>): Record<string, unknown> {
  const schemes = [...byName.values()];
  return {
    description: `${description}: a string, as in ${schemes[0]!.example}, or a mapping`,
    examples: schemes.map(({ example }) => example),
    anyOf: [
      { type: "string", pattern: `^(${[...byName.keys()].join("|")})(:|$)` },
      ...schemes.map(({ schema }) => schema),
    ],
  };
}
