import { MAX_FILES } from "../../../runner/app/read_sources.ts";
import { assert, assertEquals, assertMatch } from "../../assert.ts";
import { complaint, load } from "./_support.ts";

const MiB = 1024 * 1024;

/** Far above what any of these takes (tens of milliseconds), far below what an attack would. */
const DEADLINE_MS = 60_000;

function bomb(): string {
  let text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (let i = 1; i < 10; i++) text += `a${i}: &a${i} [${`*a${i - 1}, `.repeat(9)}]\n`;
  return text;
}

function mergeBomb(): string {
  const keys = Array.from({ length: 1000 }, (_, i) => `k${i}: 1`).join(", ");
  return `a: &a {${keys}}\n` + `- {<<: [${"*a, ".repeat(30)}]}\n`.repeat(5000);
}

function manyKeys(count: number, line: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => line(i)).join("\n");
}

/** Files that are made to hurt, and how the first line of the answer begins. */
const HOSTILE: Record<string, readonly [file: string | Uint8Array, answer: RegExp]> = {
  "10 MB": [
    new Uint8Array(10 * MiB).fill(97),
    /^app\.yaml: Cannot read "app\.yaml": it is longer than 1048576 bytes$/,
  ],
  "binary": [
    new TextEncoder().encode("name: x\nservices: \0\x01"),
    /^app\.yaml:2:11: Cannot read "app\.yaml": it holds the control character U\+0000/,
  ],
  "not UTF-8": [
    new Uint8Array([0x61, 0x3a, 0x20, 0xff]),
    /^app\.yaml: Cannot read "app\.yaml": it is not UTF-8 text$/,
  ],
  "UTF-16": [new Uint8Array([0xff, 0xfe, 0x61, 0x00]), /: it is not UTF-8 text$/],
  "an alias bomb": [
    bomb(),
    /^app\.yaml:2:10: Cannot hold more than 100000 values, with each alias expanded$/,
  ],
  "a merge key bomb": [
    mergeBomb(),
    /^app\.yaml:2:\d+: Cannot use more than \d+ aliases in a file of \d+ characters$/,
  ],
  "a value that contains itself": [
    "services: &a { x: *a }",
    /^app\.yaml:1:1: Cannot nest deeper than 64 levels$/,
  ],
  "a merge of itself": ["services: &a { <<: *a, b: 1 }", /^app\.yaml:1:27: services\.b: Must be a mapping/],
  "merges that double at each step": [
    "services:\n  m0: &m0 { needs: [] }\n" +
    manyKeys(50, (i) => `  m${i + 1}: &m${i + 1} { <<: [*m${i}, *m${i}] }`),
    /^app\.yaml:2:3: services\.m0\.plugin: Missing: must be text$/,
  ],
  "open brackets": [
    `services: ${"[".repeat(MiB - 20)}`,
    /^app\.yaml:1:74: Cannot nest deeper than 64 levels$/,
  ],
  "closed brackets": [
    `services: ${"[".repeat(200)}${"]".repeat(200)}`,
    /^app\.yaml:1:74: Cannot nest deeper than 64 levels$/,
  ],
  "nested lists": [
    `services:\n${"- ".repeat(MiB / 2 - 20)}`,
    /^app\.yaml:2:1: Cannot nest deeper than 64 levels$/,
  ],
  "nested mappings": [
    manyKeys(1000, (i) => `${" ".repeat(i)}a:`),
    /^app\.yaml:65:1: Cannot nest deeper than 64 levels$/,
  ],
  "duplicate keys": [
    "services:\n  web: { plugin: echo }\n  'web': { plugin: echo }\n",
    /^app\.yaml:3:3: Cannot use the key "web" twice in one mapping$/,
  ],
  "__proto__": [
    "services: { web: { plugin: echo, options: { __proto__: { x: 1 } } } }",
    /^app\.yaml:1:45: services\.web\.options\.__proto__: Cannot use "__proto__" as a key$/,
  ],
  "a mapping as a key": ["? { a: 1 }\n: 2\n", /^app\.yaml:1:1: "\[object Object\]": Cannot use/],
  "half a million values": [
    `[${"a,".repeat(MiB / 2 - 4)}]`,
    /^app\.yaml:1:1: Cannot hold more than 100000 values/,
  ],
  "90,000 unknown keys": [manyKeys(90_000, (i) => `k${i}: 1`), /^app\.yaml:1:1: k0: Unknown key "k0"/],
  "10,000 unknown names": [
    "services:\n" + manyKeys(10_000, (i) => ` k${i}: { plugin: echo, needs: [z${i}] }`),
    /^app\.yaml:2:\d+: services\.k0\.needs\[0\]: Cannot depend on "z0"/,
  ],
  "a circle of 10,000": [
    "services:\n" + manyKeys(10_000, (i) => ` k${i}: { plugin: echo, needs: [k${(i + 1) % 10_000}] }`),
    /a circle of dependencies k0 -> k1 -> .* \.\.\. 9989 more \.\.\. -> .* -> k9999 -> k0$/,
  ],
  "everybody needs everybody": [
    "services:\n" +
    manyKeys(
      100,
      (i) => ` k${i}: { plugin: echo, needs: [${manyKeys(100, (j) => `k${j},`).replaceAll("\n", "")}] }`,
    ),
    /^app\.yaml:2:\d+: services\.k0\.needs\[0\]: Cannot depend on "k0": it cannot wait for itself$/,
  ],
  "terminal escapes": [
    '"\\e[31mred\\n\\u202e": 1',
    /^app\.yaml:1:1: "\\u\{1b\}\[31mred\\n\\u\{202e\}": Unknown key "\\u\{1b\}\[31mred\\n\\u\{202e\}"/,
  ],
  "timestamps": [
    "name: 2026-01-01\nservices: { a: { plugin: echo } }",
    /^app\.yaml:1:7: name: Cannot use a timestamp here: write "2026-01-01" in quotes$/,
  ],
  "bytes": [
    "name: !!binary aGVsbG8=\nservices: { a: { plugin: echo } }",
    /^app\.yaml:1:16: name: Cannot use a YAML tag here/,
  ],
  "an unknown tag": ["name: !!js/function 'x'", /^app\.yaml:1:\d+: Cannot resolve unknown tag/],
  "two documents": ["name: a\n---\nname: b\n", /^app\.yaml:2:1: Found more than 1 document/],
  "tabs": ["services:\n\tweb:\n\t\tplugin: echo\n", /^app\.yaml:2:1: Cannot indent with a tab: use spaces$/],
  "text": ["hello", /^app\.yaml:1:1: Must be a mapping, not "hello"$/],
  "a list": ["- a", /^app\.yaml:1:1: Must be a mapping, not a list$/],
  "nothing": ["", /^app\.yaml:1:1: Cannot run an application without services/],
  "endless interpolation": [
    `services: { a: { plugin: echo, options: { listen: "${"${X}".repeat(1000)}" } } }`,
    /^app\.yaml:1:51: services\.a\.options\.listen: Cannot interpolate: the results are longer than 1048576 characters$/,
  ],
};

for (const [what, [file, answer]] of Object.entries(HOSTILE)) {
  Deno.test(`a hostile file gets a clear answer at once: ${what}`, async () => {
    const start = performance.now();
    const found = await complaint(file, { env: { X: "x".repeat(100_000) } });
    const took = performance.now() - start;
    assertMatch(found.split("\n")[0]!, answer);
    assert(took < DEADLINE_MS, `took ${took} ms`);
    assert(found.length < 100_000, `${found.length} characters`);
    // deno-lint-ignore no-control-regex
    assertEquals(/[\x00-\x09\x0b-\x1f\x7f\u202e]/.exec(found), null);
  });
}

Deno.test("a file with more problems than anybody reads says how many are left", async () => {
  const found = await complaint("services: { a: { plugin: echo } }\n" + manyKeys(1000, (i) => `k${i}: 1`));
  assertMatch(found, /\napp\.yaml: 800 more problems\n$/);
});

Deno.test("files that include more than anybody needs are refused", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 100 }, (_, i) => [`${i}.yaml`, `include: [${i + 1}.yaml]`]),
  );
  const found = await complaint("include: [0.yaml]", { files });
  assertMatch(
    found,
    new RegExp(`^${MAX_FILES - 2}\\.yaml:1:11: include\\[0\\]: Cannot include more than 64 files\n`),
  );
});

Deno.test("Windows line ends and a byte order mark are no problem", async () => {
  await load("\ufeffservices:\r\n  web:\r\n    plugin: echo\r\n");
  const found = await complaint("\ufeffservices:\r\n  web:\r\n    plugin: echo\r\n    x: 1\r\n");
  assertMatch(found, /^app\.yaml:4:5: services\.web\.x: Unknown key "x"/);
});
