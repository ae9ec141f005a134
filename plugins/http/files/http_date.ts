/** The three forms of RFC 9110, section 5.6.7. */
const forms = [
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
];

/** Milliseconds since 1970, of whole seconds; null for what is no date of HTTP, which is to be ignored. */
export function parseHttpDate(text: string): number | null {
  const form = forms.findIndex((each) => each.test(text));
  if (form < 0) return null;
  const time = Date.parse(form === 2 ? `${text} GMT` : text);
  return Number.isNaN(time) ? null : time;
}
