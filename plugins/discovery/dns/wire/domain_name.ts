/** Is this a name of letters, digits, dashes and underscores in labels of 1 to 63, 253 at most (RFC 1035 2.3.4). */
export function isDomainName(text: string): boolean {
  return text.length <= 253 &&
    text.split(".").every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label));
}
