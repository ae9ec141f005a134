import fc from "fast-check";
import { EndpointError } from "../../../services/endpoint/endpoint_error.ts";
import { parseClientEndpoint, parseEndpoint, parseUdpEndpoint } from "../../../services/endpoint/parse.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../../assert.ts";
import { checkProperty } from "../../property.ts";
import { almostEndpoints } from "./arbitraries.ts";

const tcp = (port: number, address = "0.0.0.0", backlog = 4096) => ({
  kind: "tcp" as const,
  port,
  interface: address,
  backlog,
});
const tls = (rest: object, files: object) => ({
  kind: "tls",
  port: 8443,
  interface: "0.0.0.0",
  backlog: 4096,
  ...rest,
  tls: { certificate: "c.pem", privateKey: "k.pem", ...files },
});
const LOOPBACK = ["127.0.0.0/8", "::1"];

Deno.test("parseEndpoint() reads every form of every scheme", () => {
  const cases: [string, unknown][] = [
    ["tcp:8080", tcp(8080)],
    ["tcp:0", tcp(0)],
    ["tcp:65535", tcp(65535)],
    ["tcp:port=8080", tcp(8080)],
    ["tcp:127.0.0.1:8080", tcp(8080, "127.0.0.1")],
    ["tcp:[::1]:8080", tcp(8080, "::1")],
    ["tcp:\\:\\:1:8080", tcp(8080, "::1")],
    ["tcp:localhost:8080", tcp(8080, "127.0.0.1")],
    ["tcp:[fe80::1%eth0]:8080", tcp(8080, "fe80::1%eth0")],
    ["tcp:8080:interface=127.0.0.1", tcp(8080, "127.0.0.1")],
    ["tcp:8080:interface=localhost", tcp(8080, "127.0.0.1")],
    ["tcp:8080:interface=::1", tcp(8080, "::1")],
    ["tcp:8080:interface=[::1]", tcp(8080, "::1")],
    ["tcp:8080:interface=\\:\\:1", tcp(8080, "::1")],
    ["tcp:8080:interface=::1:backlog=5", tcp(8080, "::1", 5)],
    ["tcp:8080:backlog=5:interface=::", tcp(8080, "::", 5)],
    ["tls:8443:certificate=c.pem:privateKey=k.pem", tls({}, {})],
    ["tls:[::1]:8443:privateKey=k.pem:certificate=c.pem", tls({ interface: "::1" }, {})],
    [
      "tls:8443:certificate=c.pem:privateKey=k.pem:clientAuthorities=ca.pem:alpn=h2,http/1.1",
      tls({}, { clientAuthorities: "ca.pem", alpn: ["h2", "http/1.1"] }),
    ],
    ["unix:/run/x.sock", { kind: "unix", path: "/run/x.sock", mode: 0o660 }],
    ["unix:/run/x.sock:mode=600", { kind: "unix", path: "/run/x.sock", mode: 0o600 }],
    ["unix:/run/x.sock:mode=0777", { kind: "unix", path: "/run/x.sock", mode: 0o777 }],
    ["unix:x:mode=0", { kind: "unix", path: "x", mode: 0 }],
    ["unix:a\\:b\\=c\\\\d", { kind: "unix", path: "a:b=c\\d", mode: 0o660 }],
    ["unix:[x", { kind: "unix", path: "[x", mode: 0o660 }],
    ["fd:3", { kind: "fd", fd: 3 }],
    ["systemd:web", { kind: "systemd", socket: "web" }],
    ["systemd:name=web", { kind: "systemd", socket: "web" }],
    ["systemd:index=0", { kind: "systemd", socket: 0 }],
    ["stdio:", { kind: "stdio" }],
    ["stdio", { kind: "stdio" }],
    ["haproxy:tcp:8080", { kind: "haproxy", inner: tcp(8080), trusted: LOOPBACK }],
    [
      "haproxy:tcp:[::1]:8080:trusted=10.0.0.0/8,127.0.0.1:backlog=7",
      { kind: "haproxy", inner: tcp(8080, "::1", 7), trusted: ["10.0.0.0/8", "127.0.0.1"] },
    ],
    [
      "haproxy:tcp:8080:trusted=::1,fd00::/8:interface=::1",
      { kind: "haproxy", inner: tcp(8080, "::1"), trusted: ["::1", "fd00::/8"] },
    ],
    ["haproxy:systemd:web", {
      kind: "haproxy",
      inner: { kind: "systemd", socket: "web" },
      trusted: LOOPBACK,
    }],
  ];
  for (const [text, endpoint] of cases) assertEquals<unknown>(parseEndpoint(text), endpoint, text);
});

Deno.test("parseClientEndpoint() reads every form of every scheme", () => {
  const cases: [string, unknown][] = [
    ["tcp:example.org:80", { kind: "tcp", hostname: "example.org", port: 80 }],
    ["discover:mail", { kind: "discover", service: "mail" }],
    ["tcp:my_container:80", { kind: "tcp", hostname: "my_container", port: 80 }],
    ["tcp:[::1]:80", { kind: "tcp", hostname: "::1", port: 80 }],
    ["tcp:hostname=::1:port=80", { kind: "tcp", hostname: "::1", port: 80 }],
    ["tls:example.org:443", { kind: "tls", hostname: "example.org", port: 443, tls: {} }],
    [
      "tls:10.0.0.1:443:serverName=a.example:authorities=ca.pem:certificate=c:privateKey=k:alpn=h2",
      {
        kind: "tls",
        hostname: "10.0.0.1",
        port: 443,
        tls: {
          serverName: "a.example",
          authorities: "ca.pem",
          certificate: "c",
          privateKey: "k",
          alpn: ["h2"],
        },
      },
    ],
    ["unix:/run/x.sock", { kind: "unix", path: "/run/x.sock" }],
  ];
  for (const [text, endpoint] of cases) assertEquals<unknown>(parseClientEndpoint(text), endpoint, text);
});

Deno.test("parseUdpEndpoint() reads every form", () => {
  const udp = (rest: object) => ({
    kind: "udp",
    port: 5353,
    interface: "0.0.0.0",
    reuseAddress: false,
    loopback: false,
    ...rest,
  });
  const cases: [string, unknown][] = [
    ["udp:5353", udp({})],
    ["udp:127.0.0.1:5353", udp({ interface: "127.0.0.1" })],
    ["udp:5353:interface=::1", udp({ interface: "::1" })],
    [
      "udp:[::1]:5353:reuseAddress=true:loopback=true",
      udp({ interface: "::1", reuseAddress: true, loopback: true }),
    ],
    ["udp:5353:loopback=false", udp({})],
  ];
  for (const [text, endpoint] of cases) assertEquals<unknown>(parseUdpEndpoint(text), endpoint, text);
});

function assertMessages(parse: (text: string) => unknown, cases: readonly [string, string][]): void {
  for (const [text, reason] of cases) {
    const error = assertThrows(() => parse(text), EndpointError);
    assertEquals(error.message, `Cannot parse endpoint "${text}": ${reason}`);
    assertEquals(error.path, [], text);
  }
}

Deno.test("parseEndpoint() takes plain decimal ports only", () => {
  const bad = [
    "080",
    "8e1",
    "0x50",
    " 80",
    "80 ",
    "-1",
    "+80",
    "65536",
    "80.0",
    "99999999999",
    "80o",
    "８０",
  ];
  assertMessages(parseEndpoint, bad.map((port) => [`tcp:${port}`, "port must be 0-65535"]));
  assertMessages(parseEndpoint, bad.map((port) => [`tcp:127.0.0.1:${port}`, "port must be 0-65535"]));
  assertMessages(parseEndpoint, [
    ["tcp:", `port is missing, as in "tcp:8080"`],
    ["tcp", `port is missing, as in "tcp:8080"`],
    ["tcp:port=", "port must be 0-65535"],
  ]);
});

Deno.test("parseEndpoint() says what is wrong and what to write instead", () => {
  const SERVERS = "tcp, tls, unix, fd, systemd, stdio, haproxy";
  const ADDRESS = `interface must be an IP address or "localhost"`;
  assertMessages(parseEndpoint, [
    ["", `it must begin with a scheme: ${SERVERS}`],
    [":8080", `it must begin with a scheme: ${SERVERS}`],
    ["8080", `it must begin with a scheme: ${SERVERS}`],
    ["127.0.0.1:8080", `it must begin with a scheme: ${SERVERS}`],
    ["port=8080", `it must begin with a scheme: ${SERVERS}`],
    ["tpc:80", `unknown scheme "tpc" (did you mean "tcp"?), known are ${SERVERS}`],
    ["TCP:80", `unknown scheme "TCP" (did you mean "tcp"?), known are ${SERVERS}`],
    ["carrot:80", `unknown scheme "carrot", known are ${SERVERS}`],
    ["constructor:80", `unknown scheme "constructor", known are ${SERVERS}`],
    ["ssl:443", `"ssl" is called "tls" here, use one of ${SERVERS}`],
    ["udp:80", `"udp" carries datagrams, use one of ${SERVERS}`],
    ["tcp:example.org:80", ADDRESS],
    ["tcp:127.1:80", ADDRESS],
    ["tcp:256.0.0.1:80", ADDRESS],
    ["tcp::80", ADDRESS],
    ["tcp:80:", ADDRESS],
    ["tcp:80:interface=127.0.0.1:81", ADDRESS],
    ["tcp:80:interface=", ADDRESS],
    ["tcp:::1:80", `expected "tcp:port" or "tcp:interface:port", an IPv6 address in brackets`],
    ["tcp:1:2:3", `expected "tcp:port" or "tcp:interface:port", an IPv6 address in brackets`],
    ["tcp:80:backlog=0", "backlog must be 1-65535"],
    [
      "tcp:80:bcklog=5",
      `unknown keyword "bcklog" (did you mean "backlog"?), "tcp" takes port, interface, backlog`,
    ],
    ["tcp:80:mode=660", `unknown keyword "mode", "tcp" takes port, interface, backlog`],
    ["tcp:80:__proto__=1", `unknown keyword "__proto__", "tcp" takes port, interface, backlog`],
    ["tcp:80:backlog=1:backlog=1", "backlog is given twice"],
    ["tcp:80:port=80", "port is given twice"],
    ["tcp:127.0.0.1:80:interface=127.0.0.1", "interface is given twice"],
    [
      "tcp:80:backlog=1:2",
      `"2" after a keyword must be a keyword too; write "\\:" for a colon within a value`,
    ],
    ["tcp:80\\x", `"\\x" is not an escape, write "\\\\" for a backslash`],
    ["tcp:80\\", `"\\" is not an escape, write "\\\\" for a backslash`],
    ["tls:8443", `certificate is missing, as in "tls:8443:certificate=cert.pem:privateKey=key.pem"`],
    [
      "tls:8443:certificate=c",
      `privateKey is missing, as in "tls:8443:certificate=cert.pem:privateKey=key.pem"`,
    ],
    ["tls:8443:certificate=:privateKey=k", "certificate must not be empty"],
    [
      "tls:8443:certificates=a,b,c",
      'certificates must be certificates, each with its key behind it, as in "a.pem,a.key,b.pem,b.key"',
    ],
    [
      "tls:8443:certificate=c:privateKey=k:alpn=h2,",
      `alpn must be protocol names joined by commas, as in "h2,http/1.1"`,
    ],
    ["unix:", `path is missing, as in "unix:/run/app.sock"`],
    ["unix:/x:mode=888", "mode must be octal, 0-777"],
    ["unix:/x:mode=1777", "mode must be octal, 0-777"],
    ["unix:/x:mode=0o660", "mode must be octal, 0-777"],
    [`unix:/${"x".repeat(107)}`, "path must be at most 107 bytes"],
    ["fd:-1", "fd must be 0-65535"],
    ["fd:03", "fd must be 0-65535"],
    ["systemd:", `name is missing, as in "systemd:name=web"`],
    ["systemd:0", `name must not be a number: write "index=0" for a position`],
    ["systemd:web:index=0", "give a name or an index, not both"],
    ["stdio:x", `expected "stdio:"`],
    ["stdio:x=1", `unknown keyword "x", "stdio" takes none`],
    ["haproxy:", `the endpoint behind it is missing, as in "haproxy:tcp:8080:trusted=10.0.0.0/8"`],
    ["haproxy:stdio:", `"stdio" has no proxy before it, use one of tcp, tls, unix, fd, systemd`],
    ["haproxy:haproxy:tcp:80", `"haproxy" does not nest, use one of tcp, tls, unix, fd, systemd`],
    ["haproxy:tcp:8o", "port must be 0-65535"],
    ["haproxy:tcp:80:trusted=::1:trusted=::1", "trusted is given twice"],
    [
      "haproxy:tcp:80:trusted=",
      `trusted must be IP addresses or blocks: Cannot parse address block "": ` +
      `it must be an IP address or a block, as in "10.0.0.0/8"`,
    ],
    [
      "haproxy:tcp:80:trusted=10.0.0.1/8",
      `trusted must be IP addresses or blocks: Cannot parse address block "10.0.0.1/8": ` +
      "it has bits set beyond the prefix /8",
    ],
  ]);
});

Deno.test("parseEndpoint() never makes a keyword of an equals sign in silence", () => {
  assertMessages(parseEndpoint, [
    [
      "unix:/a=b",
      `unknown keyword "/a", "unix" takes path, mode; write "\\=" for an equals sign within a value`,
    ],
  ]);
  assertEquals(parseEndpoint("unix:/a\\=b"), { kind: "unix", path: "/a=b", mode: 0o660 });
  assertEquals(parseEndpoint("unix:path=/a=b"), { kind: "unix", path: "/a=b", mode: 0o660 });
});

Deno.test("parseClientEndpoint() says what is wrong", () => {
  const HOST = "hostname must be a DNS name or an IP address";
  assertMessages(parseClientEndpoint, [
    ["tcp:80", `expected "tcp:hostname:port", an IPv6 address in brackets`],
    ["tcp:example.org:0", "port must be 1-65535"],
    ["tcp:10.0.0.256:80", HOST],
    ["tcp:a b:80", HOST],
    ["tcp:-a:80", HOST],
    ["tcp:a..b:80", HOST],
    [`tcp:${"a".repeat(64)}:80`, HOST],
    ["tcp::80", HOST],
    ["tls:a:1:certificate=c", "certificate and privateKey go together, give both or neither"],
    ["unix:/x:mode=660", `unknown keyword "mode", "unix" takes path`],
    ["fd:3", `"fd" only listens, use one of tcp, tls, unix, discover`],
    ["udp:a:53", `"udp" carries datagrams, use one of tcp, tls, unix, discover`],
  ]);
});

Deno.test("parseUdpEndpoint() says what is wrong", () => {
  assertMessages(parseUdpEndpoint, [
    ["tcp:53", `"tcp" carries streams, use one of udp`],
    ["udp:-1", "port must be 0-65535"],
    ["udp:53:loopback=yes", `loopback must be "true" or "false"`],
  ]);
});

Deno.test("parseEndpoint() refuses long text, and shows its beginning on one line", () => {
  const error = assertThrows(() => parseEndpoint(`unix:\n\x1b[31m${"x".repeat(1_000_000)}`), EndpointError);
  assertStringIncludes(error.message, `"unix:\\n\\u{1b}[31mxxx`);
  assertStringIncludes(error.message, `it must be at most 4096 characters`);
  assert(error.message.length < 250);
});

Deno.test("parsers answer any text with an endpoint or an EndpointError", () => {
  checkProperty(
    fc.property(fc.oneof(almostEndpoints, fc.string({ unit: "binary" })), (text) => {
      for (const parse of [parseEndpoint, parseClientEndpoint, parseUdpEndpoint]) {
        try {
          parse(text);
        } catch (error) {
          assert(error instanceof EndpointError, String(error));
        }
      }
    }),
    { numRuns: 2000 },
  );
});
