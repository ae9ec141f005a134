import { z } from "zod";

const folder = z.string().min(1);

/** What a `files` route serves. */
export const filesOptions = z.union([
  folder.describe("The folder, relative to the working directory"),
  z.strictObject({
    root: folder.describe("The folder, relative to the working directory"),
    index: z.array(z.string().min(1).regex(/^[^/\\]+$/, { error: "Must be the name of a file" }))
      .default(["index.html"]).describe("Files that stand for their folder, the first that exists"),
    list: z.boolean().default(false).describe("Show what is in a folder that has no index"),
    fallback: z.string().min(1).optional()
      .describe("File in the root, sent for paths of pages that are no files: the page of a single-page app"),
  }),
]).transform((value) =>
  typeof value === "string" ? { root: value, index: ["index.html"], list: false } : value
);

/** As the plugin gets them. */
export type FilesOptions = z.output<typeof filesOptions>;
