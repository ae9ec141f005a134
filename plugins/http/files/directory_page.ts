import { escapeHtml } from "./escape_html.ts";
import { isHidden } from "./folder.ts";

/** A folder with more is shown in part. */
const MOST_SHOWN = 10_000;

interface Row {
  readonly name: string;
  readonly folder: boolean;
}

/** A page that lists what may be seen in the folder `real`, which is asked for as `path`. */
export async function directoryPage(real: string, path: string): Promise<string> {
  const rows: Row[] = [];
  for await (const { name, isDirectory } of Deno.readDir(real)) {
    if (isHidden(`/${name}`)) continue;
    if (rows.length >= MOST_SHOWN) break;
    rows.push({ name, folder: isDirectory });
  }
  rows.sort((a, b) => Number(b.folder) - Number(a.folder) || (a.name < b.name ? -1 : 1));
  const items = rows.map(({ name, folder }) => {
    const shown = folder ? `${name}/` : name;
    return `<li><a href="./${encodeURIComponent(name)}${folder ? "/" : ""}">${escapeHtml(shown)}</a></li>`;
  });
  if (path !== "/") items.unshift(`<li><a href="../">../</a></li>`);
  const title = escapeHtml(path);
  return `<!DOCTYPE html>
<html>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>body { font: 16px/1.6 system-ui, sans-serif; margin: 2em }</style>
<h1>${title}</h1>
<ul>
${items.join("\n")}
</ul>
</html>
`;
}
