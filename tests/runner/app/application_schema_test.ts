import { Ajv2020 } from "ajv/2020";
import { z } from "zod";
// @ts-types="../../../runner/app/_std_yaml.d.ts"
import { parse } from "@std/yaml";
import { applicationSchema } from "../../../runner/app/application_schema.ts";
import { definePlugin, type Plugin } from "../../../services/plugin/plugin.ts";
import { assert, assertEquals, assertFalse } from "../../assert.ts";
import { complaint, echo, files, load } from "./_support.ts";

const tree: Plugin = definePlugin({
  name: "echo",
  options: z.strictObject({
    get node() {
      return node.optional();
    },
  }),
  makeService: () => ({ start() {} }),
}) as Plugin;

const node = z.strictObject({
  value: z.number(),
  get next() {
    return node.optional();
  },
});

const schema = applicationSchema([
  { specifier: "echo", plugin: echo },
  { specifier: "files", plugin: files },
  { specifier: "./tree.ts", plugin: tree },
]);
const matches = new Ajv2020({ strict: false, allErrors: true }).compile(schema);

const plugins = { "./tree.ts": tree };

const GOOD: Record<string, string> = {
  "one service": "services: { web: { plugin: echo } }",
  "everything": `
name: demo
include: []
log: { level: debug, format: json, file: { path: a.log, maxSize: 1MiB, keep: 3, maxAge: 1d }, services: { web: info } }
supervision: { strategy: rest-for-one }
services:
  web:
    plugin: echo
    restart: transient
    significant: true
    backoff: { initial: 50ms, factor: 1.5, max: 1m, resetAfter: 0 }
    giveUp: { failures: 3, within: 10s }
    startTimeout: 1s
    stopTimeout: 1s
    needsGrace: 1s
    holdFor: 0
    healthInterval: 1m
    options: { listen: tcp:8080, maxConnections: 5 }
  backend:
    strategy: one-for-all
    giveUp: never
    needs: [web]
    services:
      store: { plugin: files, after: [inner], options: { root: ., users: [{ name: a }] } }
      inner: { services: { leaf: { plugin: ./tree.ts, options: { node: { value: 1, next: { value: 2 } } } } } }
`,
  "interpolation in place of numbers": `
services: { web: { plugin: echo, significant: "\${A:-true}", options: { maxConnections: "\${B:-7}" } } }
`,
};

const BAD: Record<string, string> = {
  "an unknown key": "services: { web: { plugin: echo } }\nservises: {}",
  "an unknown key of a service": "services: { web: { plugin: echo, need: [] } }",
  "an unknown option": "services: { web: { plugin: echo, options: { listn: tcp:1 } } }",
  "an unknown option in a group":
    "services: { g: { services: { web: { plugin: echo, options: { listn: tcp:1 } } } } }",
  "a wrong option": "services: { web: { plugin: echo, options: { maxConnections: many } } }",
  "a required option that is missing": "services: { web: { plugin: files } }",
  "no plugin": "services: { web: { options: {} } }",
  "a wrong duration": "services: { web: { plugin: echo, startTimeout: 10 } }",
  "a wrong strategy": "supervision: { strategy: one }\nservices: { web: { plugin: echo } }",
  "a wrong name": "services: { 'a.b': { plugin: echo } }",
  "something deep in a recursive schema":
    "services: { a: { plugin: ./tree.ts, options: { node: { value: 1, next: { val: 2 } } } } }",
};

for (const [what, text] of Object.entries(GOOD)) {
  Deno.test(`applicationSchema() accepts what the loader accepts: ${what}`, async () => {
    await load(text, { plugins });
    assert(matches(parse(text)), JSON.stringify(matches.errors));
  });
}

for (const [what, text] of Object.entries(BAD)) {
  Deno.test(`applicationSchema() rejects what the loader rejects: ${what}`, async () => {
    assert(await complaint(text, { plugins }) !== "");
    assertFalse(matches(parse(text)));
  });
}

Deno.test("applicationSchema() describes every key of its own", () => {
  const bare: string[] = [];
  const visit = (at: string, value: unknown): void => {
    const properties = (value as { properties?: Record<string, { description?: string }> }).properties;
    for (const [key, property] of Object.entries(properties ?? {})) {
      if (property.description === undefined) bare.push(`${at}.${key}`);
      visit(`${at}.${key}`, property);
    }
  };
  visit("", schema);
  const definitions = schema.$defs as Record<string, unknown>;
  visit("service", definitions.service);
  visit("group", definitions.group);
  assertEquals(bare, []);
});

Deno.test("applicationSchema() offers the plugins' names", () => {
  const service = (schema.$defs as Record<string, { properties: Record<string, unknown> }>).service!;
  const { plugin } = service.properties as { plugin: { anyOf: [{ enum: string[] }] } };
  assertEquals(plugin.anyOf[0].enum, ["echo", "files", "./tree.ts"]);
});
