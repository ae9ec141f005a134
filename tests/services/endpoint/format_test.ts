import fc from "fast-check";
import { formatEndpoint } from "../../../services/endpoint/format.ts";
import { parseClientEndpoint, parseEndpoint, parseUdpEndpoint } from "../../../services/endpoint/parse.ts";
import { assertEquals } from "../../assert.ts";
import { checkProperty } from "../../property.ts";
import { clientEndpoints, serverEndpoints, udpEndpoints } from "./arbitraries.ts";

Deno.test("formatEndpoint() writes what the parser reads", () => {
  const numRuns = 1000;
  checkProperty(
    fc.property(
      serverEndpoints,
      (endpoint) => assertEquals(parseEndpoint(formatEndpoint(endpoint)), endpoint),
    ),
    { numRuns },
  );
  checkProperty(
    fc.property(
      clientEndpoints,
      (endpoint) => assertEquals(parseClientEndpoint(formatEndpoint(endpoint)), endpoint),
    ),
    { numRuns },
  );
  checkProperty(
    fc.property(
      udpEndpoints,
      (endpoint) => assertEquals(parseUdpEndpoint(formatEndpoint(endpoint)), endpoint),
    ),
    { numRuns },
  );
});

Deno.test("formatEndpoint() leaves out what is at its default", () => {
  const cases: [string, string][] = [
    ["tcp:8080:interface=0.0.0.0:backlog=4096", "tcp:8080"],
    ["tcp:8080:interface=::1:backlog=5", "tcp:[::1]:8080:backlog=5"],
    ["tls:1:alpn=h2:privateKey=k:certificate=a\\:b", "tls:1:certificate=a\\:b:privateKey=k:alpn=h2"],
    ["unix:/x:mode=0660", "unix:/x"],
    ["unix:/x:mode=7", "unix:/x:mode=007"],
    ["systemd:name=web", "systemd:web"],
    ["systemd:index=1", "systemd:index=1"],
    ["stdio", "stdio:"],
    ["haproxy:tcp:1:trusted=127.0.0.0/8,::1", "haproxy:tcp:1"],
    ["haproxy:tcp:1:trusted=::1:backlog=5", "haproxy:tcp:1:backlog=5:trusted=::1"],
  ];
  for (const [text, shortest] of cases) assertEquals(formatEndpoint(parseEndpoint(text)), shortest);
});
