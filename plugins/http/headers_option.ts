import { z } from "zod";
import { quote } from "../../services/text/quote.ts";

/** RFC 9110, section 5.6.2: the characters of a field's name. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Section 5.5: the value of one, without what would end the line. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

const value = z.string().regex(VALUE, { error: "Must be on one line, in Latin-1" });

/** Header fields by name; a list is sent as several lines. */
export const headersOption = z.record(z.string(), z.union([value, z.array(value)])).check(checkNames);

/** Changes to header fields, by name in lower case: null removes a field. */
export const headerChangesOption = z.record(z.string(), z.union([value, z.array(value), z.null()]))
  .check(checkNames)
  .transform((changes) =>
    Object.fromEntries(Object.entries(changes).map(([name, change]) => [name.toLowerCase(), change]))
  );

function checkNames(context: z.core.ParsePayload<Readonly<Record<string, unknown>>>): void {
  for (const name of Object.keys(context.value)) {
    if (NAME.test(name)) continue;
    const message = `Must be the name of a header field, not ${quote(name)}`;
    context.issues.push({ code: "custom", input: name, path: [name], message });
  }
}
