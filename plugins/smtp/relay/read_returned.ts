/** Octets of a header that a report returns. */
export const LONGEST_HEADER = 64 * 1024;
/** Octets of a message that a report returns; of a larger one, only the header. */
const LARGEST = 256 * 1024;
const HEADER_END = "\r\n\r\n";

/** The part of a message that goes back to its sender. A message that is gone is no obstacle: it returns nothing. */
export async function readReturned(
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  whole: boolean,
): Promise<{ readonly text: string; readonly whole: boolean }> {
  // What is not UTF-8 cannot be told from what it should be, and is shown as such.
  const decoder = new TextDecoder();
  let text = "";
  let complete = true;
  try {
    for await (const bytes of content) {
      text += decoder.decode(bytes, { stream: true });
      complete = whole && text.length <= LARGEST;
      if (!complete && (text.includes(HEADER_END) || text.length > LONGEST_HEADER)) break;
    }
  } catch {
    complete = false;
  }
  if (whole && complete) return { text, whole: true };
  const end = text.indexOf(HEADER_END);
  return { text: text.slice(0, end < 0 ? LONGEST_HEADER : end + 2), whole: false };
}
