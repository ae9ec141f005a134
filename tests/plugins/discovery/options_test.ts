import discovery from "../../../plugins/discovery/mod.ts";
import type { Plugin } from "../../../services/plugin/plugin.ts";
import { assertEquals } from "../../assert.ts";
import { complaint, load } from "../../runner/app/_support.ts";

const setting = { plugins: { discovery: discovery as Plugin } };
const file = (options: string) => `services: { registry: { plugin: discovery, options: ${options} } }`;
const ETCD = "etcd: ['http://127.0.0.1:2379']";

Deno.test("the discovery plugin needs no options", async () => {
  await load("services: { registry: { plugin: discovery } }", setting);
  await load(file(`{ http: {}, backend: { ${ETCD} }, services: { web: false } }`), setting);
});

Deno.test("options that cannot be meant are told", async () => {
  const cases: [options: string, message: string][] = [
    [
      "{ http: { listen: tcp:7350 } }",
      "http.token: is needed beyond loopback and UNIX sockets: whoever reaches it could register services",
    ],
    ["{ http: { listen: tcp:7350, token: short } }", "http.token: must have 16 characters at least"],
    ["{ node: 'a b' }", "node: must be 1 to 64 letters, digits, dots, dashes or underscores"],
    ["{ advertise: [here] }", "advertise[0]: must be an IP address"],
    [
      `{ backend: { ${ETCD}, ttl: 1500ms } }`,
      "backend.ttl: must be whole seconds, 2 at least: etcd knows no finer leases",
    ],
    [`{ backend: { ${ETCD}, user: a } }`, "backend.user: and password go together: give both, or neither"],
    [
      "{ backend: { etcd: ['http://10.0.0.1:2379'], user: a, password: b } }",
      "backend.password: would be sent in clear: use https: URLs, or etcd on loopback",
    ],
    [
      `{ backend: { ${ETCD}, tls: { certificate: a } } }`,
      "backend.tls: needs certificate and privateKey together",
    ],
    ["{ backend: { etcd: [localhost] } }", "backend.etcd[0]: must be a URL as in http://127.0.0.1:2379"],
  ];
  for (const [options, message] of cases) {
    const found = (await complaint(file(options), setting)).split("\n")[0]!;
    assertEquals(found.replace(/^app\.yaml:\d+:\d+: services\.registry\.options\./, ""), message);
  }
});
