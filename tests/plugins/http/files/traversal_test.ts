import fc from "fast-check";
import { assert } from "../../../assert.ts";
import { checkProperty } from "../../../property.ts";
import { ask, startHttp } from "../_scene.ts";
import { TestFolder } from "./_folder.ts";

/** What attackers build paths of, and a little of what is there. */
const pieces = [
  ...[
    "/",
    "//",
    "\\",
    ".",
    "..",
    "...",
    "./",
    "../",
    "..\\",
    "%2e",
    "%2E%2e",
    "%2f",
    "%5c",
    "%252e",
    "%00",
    "%c0%ae",
  ],
  ...[
    "%ff",
    "%",
    "%u002e",
    ";",
    "?",
    "outside",
    "secret.txt",
    "public",
    "sub",
    "a.txt",
    "link",
    ".hidden",
    "~",
    ":",
  ],
];

Deno.test("no path leads out of the root, into what is hidden, or to a 500", async () => {
  using folder = new TestFolder({
    "outside/secret.txt": "SECRET",
    "secret.txt": "SECRET",
    "public/index.html": "index",
    "public/a.txt": "a",
    "public/sub/a.txt": "a",
    "public/.hidden": "SECRET",
    "public/sub/.hidden/a.txt": "SECRET",
  });
  Deno.symlinkSync("../outside", `${folder.path}/public/link`);
  Deno.symlinkSync("../../secret.txt", `${folder.path}/public/sub/link`);
  await using app = await startHttp({
    routes: [{ path: "/sub/*", files: { root: `${folder.path}/public/sub`, list: true } }, {
      files: { root: `${folder.path}/public`, fallback: "index.html", list: true },
    }],
  });
  await checkProperty(
    fc.asyncProperty(fc.array(fc.constantFrom(...pieces), { maxLength: 8 }), async (parts) => {
      const { status, body } = await ask(app, `/${parts.join("")}`);
      assert([200, 301, 400, 404].includes(status), `${status}`);
      assert(!body.includes("SECRET") && !body.includes("root:"));
    }),
    { numRuns: 400 },
  );
});
