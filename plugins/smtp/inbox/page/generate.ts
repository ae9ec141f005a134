/**
 * Writes `page_files.ts` anew from the files of this folder: `deno task page`. The text is in a module so that it is
 * there wherever the plugin is imported from; a test fails when it is stale.
 */
import { pageModule } from "./_page_module.ts";

await Deno.writeTextFile(new URL("../page_files.ts", import.meta.url), await pageModule());
