import discovery from "../../../plugins/discovery/mod.ts";
import type { Plugin } from "../../../services/plugin/plugin.ts";
import { assertEquals } from "../../assert.ts";
import { complaint, echo, load } from "./_support.ts";

const setting = { plugins: { echo, discovery: discovery as Plugin } };
const file = (jobs: string, backend = "{ etcd: ['http://127.0.0.1:2379'], ttl: 12s }") =>
  `services:
  registry: { plugin: discovery, options: { backend: ${backend} } }
  jobs: { plugin: echo, singleton: true, ${jobs} }
`;

Deno.test("a singleton that can be elected is one, and is never run beside its successor", async () => {
  const { spec } = await load(file("needs: [registry]"), setting);
  const jobs = spec.root.children[1]!;
  assertEquals(jobs.kind === "service" && [jobs.singleton, jobs.replace], [true, "exclusive"]);
});

Deno.test("a singleton that cannot be elected is told why", async () => {
  const cases: [text: string, message: string][] = [
    [
      file(""),
      'services.jobs.needs: Missing: a singleton needs a service that provides "heddle.registry", as "discovery" does',
    ],
    [
      "services: { registry: { plugin: discovery }, jobs: { plugin: echo, singleton: true, needs: [registry] } }",
      'services.jobs.singleton: Cannot be elected: "registry" knows of no other runners; give it a "backend"',
    ],
    [
      file("needs: [registry], stopTimeout: 12s"),
      "services.jobs.stopTimeout: Must stop before another runner may start it: its stopTimeout, 12s, must be " +
      'shorter than the ttl in the backend of "registry", 12s',
    ],
    [
      file("needs: [registry]", "{ etcd: ['http://127.0.0.1:2379'], ttl: 10s }"),
      "services.jobs.singleton: Must stop before another runner may start it: its stopTimeout, 10s, must be " +
      'shorter than the ttl in the backend of "registry", 10s',
    ],
    [
      file("needs: [registry], isolate: process, replicas: 2"),
      "services.jobs.replicas: Must be 1 for a singleton: it runs once in the whole fleet",
    ],
  ];
  for (const [text, message] of cases) {
    const found = await complaint(text, setting);
    assertEquals(found.split("\n")[0]!.replace(/^app\.yaml:\d+:\d+: /, ""), message);
  }
});
