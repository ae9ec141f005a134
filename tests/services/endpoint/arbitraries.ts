import fc from "fast-check";
import type { ClientEndpoint, ServerEndpoint, UdpEndpoint } from "../../../services/endpoint/endpoint.ts";

/** Text that is hard on a tokenizer. */
const awkward = fc.string({
  unit: fc.constantFrom("a", "/", ":", "=", "\\", "[", "]", ",", " ", "%", "trusted", "é", "\n"),
  minLength: 1,
  maxLength: 20,
});
const ip = fc.oneof(fc.ipV4(), fc.ipV6());
const hostname = fc.oneof(fc.domain(), ip, fc.constantFrom("localhost", "my_container", "example.org."));
const alpn = fc.array(fc.constantFrom("h2", "http/1.1", "x:y=z\\[]"), { minLength: 1, maxLength: 3 });

const binding = { port: fc.integer({ min: 0, max: 65535 }), interface: fc.oneof(fc.constant("0.0.0.0"), ip) };
const backlog = fc.oneof(fc.constant(4096), fc.integer({ min: 1, max: 65535 }));

const tcp = fc.record({ kind: fc.constant("tcp" as const), ...binding, backlog });
const tls = fc.record({
  kind: fc.constant("tls" as const),
  ...binding,
  backlog,
  tls: fc.record(
    { certificate: awkward, privateKey: awkward, clientAuthorities: awkward, alpn },
    { requiredKeys: ["certificate", "privateKey"] },
  ),
});
const listed = awkward.map((path) => path.replaceAll(",", "."));
const severalTls = fc.array(fc.record({ certificate: listed, privateKey: listed }), {
  minLength: 2,
  maxLength: 3,
}).map(([first, ...others]) => ({ ...first!, others }));
const tlsOfSeveral = fc.tuple(tls, severalTls).map(([endpoint, { certificate, privateKey, others }]) => ({
  ...endpoint,
  tls: { ...endpoint.tls, certificate, privateKey, others },
}));
const unix = fc.record({
  kind: fc.constant("unix" as const),
  path: awkward,
  mode: fc.oneof(fc.constant(0o660), fc.integer({ min: 0, max: 0o777 })),
});
const fd = fc.record({ kind: fc.constant("fd" as const), fd: fc.integer({ min: 0, max: 65535 }) });
const systemd = fc.record({
  kind: fc.constant("systemd" as const),
  socket: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom("web", "a=b", "[x]", "0x")),
});
const stdio = fc.constant({ kind: "stdio" as const });
const block = fc.oneof(ip, fc.constantFrom("10.0.0.0/8", "fd00::/8", "0.0.0.0/0", "::/0"));
const haproxy = fc.record({
  kind: fc.constant("haproxy" as const),
  inner: fc.oneof(tcp, tls, unix, fd, systemd),
  trusted: fc.oneof(
    fc.constant(["127.0.0.0/8", "::1"]),
    fc.array(block, { minLength: 1, maxLength: 4 }),
  ),
});

/** Any endpoint of a stream server. */
export const serverEndpoints: fc.Arbitrary<ServerEndpoint> = fc.oneof(
  tcp,
  tls,
  tlsOfSeveral,
  unix,
  fd,
  systemd,
  stdio,
  haproxy,
);

const target = { hostname, port: fc.integer({ min: 1, max: 65535 }) };
const ownCertificate = fc.option(fc.record({ certificate: awkward, privateKey: awkward }), { nil: {} });
const connectTls = fc.tuple(
  fc.record({ serverName: hostname, authorities: awkward, alpn }, { requiredKeys: [] }),
  ownCertificate,
).map(([rest, own]) => ({ ...rest, ...own }));

/** Any endpoint of a stream client. */
export const clientEndpoints: fc.Arbitrary<ClientEndpoint> = fc.oneof(
  fc.record({ kind: fc.constant("tcp" as const), ...target }),
  fc.record({ kind: fc.constant("tls" as const), ...target, tls: connectTls }),
  fc.record({ kind: fc.constant("unix" as const), path: awkward }),
  fc.record({ kind: fc.constant("discover" as const), service: fc.stringMatching(/^[a-z0-9]{1,63}$/) }),
);

/** Any endpoint of a datagram port. */
export const udpEndpoints: fc.Arbitrary<UdpEndpoint> = fc.record({
  kind: fc.constant("udp" as const),
  ...binding,
  reuseAddress: fc.boolean(),
  loopback: fc.boolean(),
});

/** Pieces of the grammar in any order: what a slip of the finger leaves. */
export const almostEndpoints: fc.Arbitrary<string> = fc.array(
  fc.constantFrom(
    ...["tcp", "tls", "unix", "udp", "fd", "systemd", "stdio", "haproxy", ":", "=", "\\", "[", "]", "::1"],
    ...[
      "8080",
      "interface",
      "trusted",
      "mode",
      "path",
      "127.0.0.1",
      "660",
      ",",
      "certificate",
      "x",
      "__proto__",
    ],
  ),
  { maxLength: 12 },
).map((pieces) => pieces.join(""));
