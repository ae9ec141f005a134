/** Writes the pages of this folder anew: `deno task docs`. A test fails when they are stale. */
import { referencePages } from "./_pages.ts";

for (const [name, text] of await referencePages()) {
  await Deno.writeTextFile(new URL(name, import.meta.url), text);
  console.log(`Wrote docs/reference/${name}`);
}
