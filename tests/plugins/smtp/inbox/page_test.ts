import { files as names } from "../../../../plugins/smtp/inbox/page/files.ts";
import * as files from "../../../../plugins/smtp/inbox/page_files.ts";
import { pageModule } from "../../../../services/http/site/page_module.ts";
import { assert, assertEquals } from "../../../assert.ts";

const folder = new URL("../../../../plugins/smtp/inbox/", import.meta.url);

Deno.test("the inbox page's module has what its files have; else run `deno task page`", async () => {
  assertEquals(
    await Deno.readTextFile(new URL("page_files.ts", folder)),
    await pageModule(new URL("page/", folder), names),
  );
  assertEquals(files.script, await Deno.readTextFile(new URL("page/inbox.js", folder)));
  assertEquals(files.css, await Deno.readTextFile(new URL("page/inbox.css", folder)));
});

Deno.test("the inbox page makes no markup of what strangers wrote, and has nothing from elsewhere", () => {
  assert(!/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|srcdoc/.test(files.script));
  for (const text of [files.html, files.css, files.script]) {
    assert(!/https?:\/\/(?!www\.w3\.org\/2000\/svg)/.test(text));
  }
  assert(!/ on[a-z]+=|style=|<script>/.test(files.html));
});
