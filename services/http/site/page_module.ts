/** The files of a page, by the names under which a module exports their text. */
export type PageFiles = Readonly<Record<string, string>>;

/**
 * The text of a module that has the files of `folder` as text: so they are there wherever a plugin is imported from.
 * Written by `deno task page`.
 */
export async function pageModule(folder: URL, files: PageFiles): Promise<string> {
  const lines = [
    "// Written by `deno task page` from the files of page/: change those.",
    "// deno-fmt-ignore-file",
    "// deno-lint-ignore-file",
    "",
  ];
  for (const [name, file] of Object.entries(files)) {
    const text = await Deno.readTextFile(new URL(file, folder));
    lines.push(`/** page/${file} */`, `export const ${name}: string = ${literal(text)};`, "");
  }
  return lines.join("\n");
}

/** A template literal, line by line as in the file. */
function literal(text: string): string {
  return `\`${text.replaceAll(/[\\`]|\$(?=\{)/g, "\\$&")}\``;
}
