import { z } from "zod";
import { headersOption } from "../headers_option.ts";

/** What a `respond` route answers. */
export const respondOptions = z.union([
  z.string().describe("Text, sent with 200"),
  z.strictObject({
    status: z.int().min(200).max(599).default(200).describe("Status code"),
    body: z.string().optional().describe("Text; HTML needs headers: { content-type: text/html }"),
    json: z.unknown().optional().describe("A value that is sent as JSON, in place of body"),
    headers: headersOption.optional().describe("Header fields"),
  }).refine(({ body, json }) => body === undefined || json === undefined, {
    error: "Must not stand beside body: a reply has one of them",
    path: ["json"],
  }),
]);

/** As the plugin gets them. */
export type RespondOptions = z.output<typeof respondOptions>;
