import fc from "fast-check";
import { EndpointError } from "../../../services/endpoint/endpoint_error.ts";
import {
  clientEndpointFromMapping,
  endpointFromMapping,
  udpEndpointFromMapping,
} from "../../../services/endpoint/mapping.ts";
import { parseClientEndpoint, parseEndpoint, parseUdpEndpoint } from "../../../services/endpoint/parse.ts";
import { assert, assertEquals, assertThrows } from "../../assert.ts";
import { checkProperty } from "../../property.ts";

Deno.test("endpointFromMapping() reads what the string form says", () => {
  const cases: [unknown, string][] = [
    [{ tcp: 8080 }, "tcp:8080"],
    [{ tcp: "8080" }, "tcp:8080"],
    [{ tcp: "[::1]:8080" }, "tcp:[::1]:8080"],
    [{ tcp: 8080, interface: "127.0.0.1" }, "tcp:127.0.0.1:8080"],
    [{ interface: "::1", backlog: 5, tcp: 8080 }, "tcp:[::1]:8080:backlog=5"],
    [{ tls: 8443, certificate: "c:1", privateKey: "k" }, "tls:8443:certificate=c\\:1:privateKey=k"],
    [
      { tls: 8443, certificate: "c", privateKey: "k", clientAuthorities: "ca", alpn: ["h2", "http/1.1"] },
      "tls:8443:certificate=c:privateKey=k:clientAuthorities=ca:alpn=h2,http/1.1",
    ],
    [
      { tls: 8443, certificate: "c", privateKey: "k", alpn: "h2" },
      "tls:8443:certificate=c:privateKey=k:alpn=h2",
    ],
    [
      {
        tls: 8443,
        certificates: [{ certificate: "a:1", privateKey: "k" }, { certificate: "b", privateKey: "l" }],
      },
      "tls:8443:certificates=a\\:1,k,b,l",
    ],
    [
      { tls: 8443, certificates: [{ certificate: "a", privateKey: "k" }] },
      "tls:8443:certificate=a:privateKey=k",
    ],
    [{ unix: "/run/a:b=c.sock" }, "unix:/run/a\\:b\\=c.sock"],
    [{ unix: "/x", mode: "660" }, "unix:/x:mode=660"],
    [{ fd: 3 }, "fd:3"],
    [{ systemd: "web" }, "systemd:web"],
    [{ systemd: null, index: 0 }, "systemd:index=0"],
    [{ stdio: null }, "stdio:"],
    [{ haproxy: { tcp: 8080 } }, "haproxy:tcp:8080"],
    [{ haproxy: "tcp:8080:backlog=5" }, "haproxy:tcp:8080:backlog=5"],
    [{ haproxy: { tcp: 8080 }, trusted: ["10.0.0.0/8", "::1"] }, "haproxy:tcp:8080:trusted=10.0.0.0/8,::1"],
  ];
  for (const [mapping, text] of cases) assertEquals(endpointFromMapping(mapping), parseEndpoint(text), text);
});

Deno.test("clientEndpointFromMapping() and udpEndpointFromMapping() read theirs", () => {
  assertEquals(clientEndpointFromMapping({ tcp: "[::1]:80" }), parseClientEndpoint("tcp:[::1]:80"));
  assertEquals(
    clientEndpointFromMapping({ tls: "example.org:443", serverName: "a.example" }),
    parseClientEndpoint("tls:example.org:443:serverName=a.example"),
  );
  assertEquals(
    udpEndpointFromMapping({ udp: 5353, reuseAddress: true, loopback: true }),
    parseUdpEndpoint("udp:5353:reuseAddress=true:loopback=true"),
  );
});

Deno.test("endpointFromMapping() says what is wrong, and under which key", () => {
  const SERVERS = "tcp, tls, unix, fd, systemd, stdio, haproxy";
  const cases: [mapping: unknown, shown: string, reason: string, path: string[]][] = [
    [{ tcp: "80o" }, `{ tcp: "80o" }`, "port must be 0-65535", ["tcp"]],
    [{ tcp: 80.5 }, `{ tcp: 80.5 }`, "port must be 0-65535", ["tcp"]],
    [{ tcp: {} }, `{ tcp: {...} }`, "port must be 0-65535", ["tcp"]],
    [{ tcp: null }, `{ tcp: null }`, `port is missing, as in "tcp:8080"`, []],
    [{ tcp: 80, backlog: [1] }, `{ tcp: 80, backlog: [...] }`, "backlog must be 1-65535", ["backlog"]],
    [{ tcp: "80:backlog=5" }, `{ tcp: "80:backlog=5" }`, "write backlog as a key of the mapping", ["tcp"]],
    [
      { tcp: 80, bcklog: 5 },
      `{ tcp: 80, bcklog: 5 }`,
      `unknown keyword "bcklog" (did you mean "backlog"?), "tcp" takes port, interface, backlog`,
      ["bcklog"],
    ],
    [{ tcp: 80, unix: "x" }, `{ tcp: 80, unix: "x" }`, `it has two schemes, "tcp" and "unix"`, ["unix"]],
    [{ tpc: 1 }, `{ tpc: 1 }`, `unknown scheme "tpc" (did you mean "tcp"?), known are ${SERVERS}`, ["tpc"]],
    [{ udp: 1 }, `{ udp: 1 }`, `"udp" carries datagrams, use one of ${SERVERS}`, ["udp"]],
    [{}, `{}`, `one key must be a scheme: ${SERVERS}`, []],
    [8080, "8080", `it must be a string, as in "tcp:8080", or a mapping`, []],
    [null, "null", `it must be a string, as in "tcp:8080", or a mapping`, []],
    [["tcp:80"], "[...]", `it must be a string, as in "tcp:8080", or a mapping`, []],
    [{ unix: 5 }, `{ unix: 5 }`, "path must be a string", ["unix"]],
    [
      { unix: "/x", mode: 660 },
      `{ unix: "/x", mode: 660 }`,
      `mode must be octal and in quotes, as in "660"`,
      ["mode"],
    ],
    [
      { tls: 1, certificate: "a", certificates: [{ certificate: "a", privateKey: "b" }] },
      `{ tls: 1, certificate: "a", certificates: [...] }`,
      "give certificate and privateKey, or certificates, not both",
      [],
    ],
    [
      { tls: 1, certificates: [{ certificate: "a", privateKey: "b" }, { certificate: "a" }] },
      `{ tls: 1, certificates: [...] }`,
      "certificates 2: privateKey is missing",
      ["certificates", "1", "privateKey"],
    ],
    [
      { tls: 1, certificates: [{ certificate: "a", key: "b" }] },
      `{ tls: 1, certificates: [...] }`,
      `certificates 1: unknown key "key", it takes certificate, privateKey`,
      ["certificates", "0", "key"],
    ],
    [
      { tls: 1, certificates: [{ certificate: "a,b", privateKey: "c" }] },
      `{ tls: 1, certificates: [...] }`,
      "certificates 1: certificate must not contain a comma",
      ["certificates", "0", "certificate"],
    ],
    [{ stdio: 1 }, `{ stdio: 1 }`, `expected "stdio:"`, ["stdio"]],
    [
      { haproxy: { tcp: 80, backlog: 0 } },
      `{ haproxy: {...} }`,
      "backlog must be 1-65535",
      ["haproxy", "backlog"],
    ],
    [
      { haproxy: { tcp: 80 }, backlog: 5 },
      `{ haproxy: {...}, backlog: 5 }`,
      `"backlog" belongs into the mapping under haproxy, which itself takes trusted`,
      ["backlog"],
    ],
    [
      { haproxy: { tcp: 80 }, trusted: [] },
      `{ haproxy: {...}, trusted: [...] }`,
      "trusted must name at least one",
      ["trusted"],
    ],
    [
      { haproxy: { tcp: 80 }, trusted: [1] },
      `{ haproxy: {...}, trusted: [...] }`,
      "trusted must be a list of strings",
      ["trusted"],
    ],
  ];
  for (const [mapping, shown, reason, path] of cases) {
    const error = assertThrows(() => endpointFromMapping(mapping), EndpointError);
    assertEquals(error.message, `Cannot parse endpoint ${shown}: ${reason}`);
    assertEquals(error.path, path, shown);
  }
});

Deno.test("endpointFromMapping() answers any value with an endpoint or an EndpointError", () => {
  const schemes = [
    "tcp",
    "tls",
    "unix",
    "fd",
    "systemd",
    "stdio",
    "haproxy",
    "interface",
    "mode",
    "__proto__",
  ];
  const mappings = fc.dictionary(fc.constantFrom(...schemes), fc.anything());
  checkProperty(
    fc.property(fc.oneof(fc.anything({ withNullPrototype: true }), mappings), (value) => {
      try {
        endpointFromMapping(value);
      } catch (error) {
        assert(error instanceof EndpointError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
