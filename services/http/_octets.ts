/** Classes of octets: what RFC 9110 and RFC 9112 allow where. One bit each, looked up per octet. */
export const Octet = {
  /** tchar, RFC 9110 section 5.6.2. */
  Token: 1,
  /** field-vchar, SP and HTAB, RFC 9110 section 5.5. */
  FieldValue: 2,
  /** What may stand in a request-target: printable ASCII but `#`, which begins what is never sent. */
  Target: 4,
  /** What a target may consist of and yet need no normalising: not `%`, `\`, nor what a URL would encode. */
  PlainTarget: 8,
  Digit: 16,
  Hex: 32,
} as const;

/** The classes of each octet. */
export const octets: Uint8Array = makeTable();

function makeTable(): Uint8Array {
  const table = new Uint8Array(256);
  const add = (characters: string, bit: number) => {
    for (const character of characters) table[character.charCodeAt(0)]! |= bit;
  };
  const digits = "0123456789";
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  add(digits, Octet.Digit);
  add(digits + "abcdefABCDEF", Octet.Hex);
  add(digits + letters + "!#$%&'*+-.^_`|~", Octet.Token);
  for (let octet = 0x21; octet <= 0x7e; octet++) table[octet]! |= Octet.Target | Octet.FieldValue;
  add("\t ", Octet.FieldValue);
  for (let octet = 0x80; octet <= 0xff; octet++) table[octet]! |= Octet.FieldValue;
  table[0x23]! &= ~Octet.Target;
  add(digits + letters + "-._~!$&()*+,;=:@/?", Octet.PlainTarget);
  return table;
}
