// RFC 4013, section 2.1: spaces other than U+0020, and what is mapped to nothing (RFC 3454, B.1).
const SPACES = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/gu;
const NOTHING = /[\u00ad\u1806\u180b-\u180d\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff]/gu;
// Section 2.3: controls, private use, surrogates, what is no character or changes the look of others.
const PROHIBITED = /[\p{Cc}\p{Co}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u206f\ufff9-\uffff]/u;
const PRINTABLE_ASCII = /^[ -~]*$/;

/**
 * The form of a user's name or password that is compared (SASLprep, RFC 4013, without its check of
 * bidirectional text); null for text that has characters which may not be there.
 */
export function saslprep(text: string): string | null {
  if (PRINTABLE_ASCII.test(text)) return text;
  const prepared = text.replaceAll(SPACES, " ").replaceAll(NOTHING, "").normalize("NFKC");
  return PROHIBITED.test(prepared) ? null : prepared;
}
