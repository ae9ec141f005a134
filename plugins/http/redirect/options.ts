import { z } from "zod";

const target = z.string().refine(
  (text) => /^(?:\/(?!\/)|https?:\/\/[^/])/.test(text) && URL.canParse(text, "http://a"),
  {
    error: 'Must be a path or a URL, as in "/new" or "https://example.org/new"',
  },
).refine((text) => !/\*(?!$)|[^/]\*$/.test(text), {
  error: 'May have "*" only at its end, behind "/": "/new/*"',
}).refine((text) => /^[\x21-\x7e]*$/.test(text), {
  error: "Must be without spaces and special characters: write these percent-encoded",
}).describe('Path or URL; "/new/*" keeps what the request has below the route');

/** Where a `redirect` route leads. */
export const redirectOptions = z.union([
  target,
  z.strictObject({
    to: target,
    status: z.union([z.literal(301), z.literal(302), z.literal(303), z.literal(307), z.literal(308)]).default(
      302,
    )
      .describe("301 and 308 are remembered by browsers; 307 and 308 keep the method"),
  }),
]).transform((value) => typeof value === "string" ? { to: value, status: 302 } : value);

/** As the plugin gets them. */
export type RedirectOptions = z.output<typeof redirectOptions>;
