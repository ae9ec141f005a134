import { files } from "../../../plugins/dashboard/page/files.ts";
import * as page from "../../../plugins/dashboard/page_files.ts";
import { pageModule } from "../../../services/http/site/page_module.ts";
import { assert, assertEquals } from "../../assert.ts";

const folder = new URL("../../../plugins/dashboard/", import.meta.url);

Deno.test("the dashboard's module has what its files have; else run `deno task page`", async () => {
  const text = await pageModule(new URL("page/", folder), files);
  assertEquals(await Deno.readTextFile(new URL("page_files.ts", folder)), text);
});

Deno.test("the dashboard makes no markup of what it is told, and has nothing from elsewhere", () => {
  for (const [name, text] of Object.entries(page)) {
    assert(!/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|srcdoc/.test(text), name);
    assert(!/https?:\/\/(?!www\.w3\.org\/2000\/svg)/.test(text), name);
  }
  assert(!/ on[a-z]+=|style=|<script>/.test(page.html));
});
