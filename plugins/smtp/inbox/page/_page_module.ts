const FILES = { html: "inbox.html", css: "inbox.css", script: "inbox.js", icon: "icon.svg" };

/** The text of `page_files.ts`. */
export async function pageModule(): Promise<string> {
  const lines = [
    "// Written by `deno task page` from the files of page/: change those.",
    "// deno-fmt-ignore-file",
    "// deno-lint-ignore-file",
    "",
  ];
  for (const [name, file] of Object.entries(FILES)) {
    const text = await Deno.readTextFile(new URL(file, import.meta.url));
    lines.push(`/** page/${file} */`, `export const ${name}: string = ${literal(text)};`, "");
  }
  return lines.join("\n");
}

/** A template literal, line by line as in the file. */
function literal(text: string): string {
  return `\`${text.replaceAll(/[\\`]|\$(?=\{)/g, "\\$&")}\``;
}
