import { z } from "zod";
import { LOG_FILE_DEFAULTS } from "../../../services/log_file/log_file_options.ts";
import { duration, size } from "../../../services/plugin/zod.ts";

const format = z.enum(["common", "combined", "json"]);

/** What an access log looks like, and where it goes. */
export const accessLogOptions = z.union([
  format.describe("Written to standard output"),
  z.strictObject({
    format: format.default("combined").describe("common and combined, as Apache has them, or JSON lines"),
    file: z.string().min(1).nullable().default(null).describe("Null: standard output"),
    maxSize: size().prefault("10MiB").describe("Of the file, before it is rotated"),
    maxAge: duration().nullable().prefault(null).describe("Of the file, before it is rotated; null: any"),
    keep: z.int().min(0).default(LOG_FILE_DEFAULTS.keep).describe("Old files that are kept"),
  }),
]).transform((value) =>
  typeof value === "string" ? { format: value, file: null, ...LOG_FILE_DEFAULTS } : value
);

/** As the plugin gets them. */
export type AccessLogOptions = z.output<typeof accessLogOptions>;
