/** RFC 3461, section 4: printable ASCII but `+` and `=`, and `+XX` for any octet. RFC 6533 adds UTF-8. */
const XTEXT = /^(?:[!-*,-<>-~\u0080-\u{10ffff}]|\+[0-9A-F]{2})*$/u;

/** The text behind xtext; null when it is none. Octets beyond ASCII are read as UTF-8. */
export function decodeXtext(text: string): string | null {
  if (!XTEXT.test(text)) return null;
  if (!text.includes("+")) return text;
  const octets = new TextEncoder().encode(text);
  let length = 0;
  for (let at = 0; at < octets.length; at++) {
    const escaped = octets[at] === 0x2b;
    octets[length++] = escaped
      ? parseInt(String.fromCharCode(octets[at + 1]!, octets[at + 2]!), 16)
      : octets[at]!;
    if (escaped) at += 2;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(octets.subarray(0, length));
  } catch {
    return null;
  }
}

/** Text as xtext: UTF-8 stands as it is (RFC 6533). */
export function encodeXtext(text: string): string {
  return text.replaceAll(/[\0- +=\x7f]/g, (character) => {
    return `+${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  });
}
