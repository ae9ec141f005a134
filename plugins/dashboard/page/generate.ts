/**
 * Writes `page_files.ts` anew from the files of this folder: `deno task page`. The text is in a module so that it is
 * there wherever the plugin is imported from; a test fails when it is stale.
 */
import { pageModule } from "../../../services/http/site/page_module.ts";
import { files } from "./files.ts";

const text = await pageModule(new URL("./", import.meta.url), files);
await Deno.writeTextFile(new URL("../page_files.ts", import.meta.url), text);
