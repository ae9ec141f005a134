import { assertEquals, assertStringIncludes } from "../../assert.ts";
import { complaint, load } from "./_support.ts";

Deno.test("services of included files join, before those of the file that includes them", async () => {
  const { spec, files } = await load(
    "include: [conf/mail.yaml, web.yaml]\nservices: { last: { plugin: echo, needs: [smtp] } }",
    {
      files: {
        "conf/mail.yaml": "include: [../store.yaml]\nservices: { smtp: { plugin: echo } }",
        "web.yaml": "services: { web: { plugin: echo, after: [last] } }",
        "store.yaml": "services: { store: { plugin: echo } }",
      },
    },
  );
  assertEquals(spec.root.children.map(({ name }) => name), ["store", "smtp", "web", "last"]);
  assertEquals(spec.root.children.at(-1)!.needs, ["smtp"]);
  assertEquals(files, ["app.yaml", "conf/mail.yaml", "store.yaml", "web.yaml"]);
});

Deno.test("a file that two others include counts once", async () => {
  const { spec } = await load("include: [a.yaml, b.yaml]", {
    files: {
      "a.yaml": "include: [c.yaml]\nservices: { a: { plugin: echo } }",
      "b.yaml": "include: [./c.yaml]\nservices: { b: { plugin: echo } }",
      "c.yaml": "services: { c: { plugin: echo } }",
    },
  });
  assertEquals(spec.root.children.map(({ name }) => name), ["c", "a", "b"]);
});

Deno.test("files that include one another are reported where the circle closes", async () => {
  const found = await complaint("include: [a.yaml]\nservices: { x: { plugin: echo } }", {
    files: { "a.yaml": "include: [b.yaml]", "b.yaml": "include:\n  - ./a.yaml\n" },
  });
  assertEquals(
    found,
    `b.yaml:2:5: include[0]: Cannot include "a.yaml": the files include one another: a.yaml -> b.yaml -> a.yaml
  2 |   - ./a.yaml
    |     ^
`,
  );
});

Deno.test("a file that is missing is reported where it is named", async () => {
  assertEquals(
    await complaint("include: [gone.yaml]\nservices: { x: { plugin: echo, needs: [y] } }"),
    `app.yaml:1:11: include[0]: Cannot read "gone.yaml": no such file
  1 | include: [gone.yaml]
    |           ^
`,
  );
});

Deno.test("a service that two files declare is reported in both", async () => {
  const found = await complaint("include: [a.yaml]\nservices: { web: { plugin: echo } }", {
    files: { "a.yaml": "services:\n  web: { plugin: echo }\n" },
  });
  assertEquals(
    found,
    `app.yaml:2:13: services.web: Cannot declare "web" twice: it is declared in "a.yaml" too
  2 | services: { web: { plugin: echo } }
    |             ^

a.yaml:2:3: services.web: Cannot declare "web" twice: it is declared in "app.yaml" too
  2 |   web: { plugin: echo }
    |   ^
`,
  );
});

Deno.test("what concerns the whole application stands in the main file alone", async () => {
  const found = await complaint("include: [a.yaml]\nservices: { web: { plugin: echo } }", {
    files: { "a.yaml": "log: { level: info }\n" },
  });
  assertStringIncludes(
    found,
    'a.yaml:1:1: log: Cannot set "log" in an included file: it belongs in the main one\n',
  );
});

Deno.test("problems of all files are reported together, the main file's first", async () => {
  const found = await complaint("include: [a.yaml, b.yaml]\nservices: { web: { plugin: ecko } }", {
    files: { "a.yaml": "services: { a: { plugin: echo, x: 1 } }", "b.yaml": "services: [" },
  });
  assertEquals(
    found.split("\n").filter((line) => /^\w+\.yaml/.test(line)).map((line) => line.split(": ")[0]),
    [
      "app.yaml:1:19",
      "a.yaml:1:32",
      "b.yaml:1:12",
    ].map((place) => place.replace("app.yaml:1:19", "app.yaml:2:28")),
  );
});
