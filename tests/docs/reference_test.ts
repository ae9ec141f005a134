import { referencePages } from "../../docs/reference/_pages.ts";
import { assertEquals } from "../assert.ts";

const folder = new URL("../../docs/reference/", import.meta.url);

for (const [name, text] of await referencePages()) {
  Deno.test(`docs/reference/${name} tells what the schemas say; else: deno task docs`, async () => {
    assertEquals(await Deno.readTextFile(new URL(name, folder)), text);
  });
}
