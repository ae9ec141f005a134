import type { Row } from "./row.ts";

/** Of a search; what is beyond does not count. */
const MOST_WORDS = 8;
const LONGEST = 200;

/** Whether a row has every word of a search in what the list shows of it. */
export type Search = (row: Row) => boolean;

/** The search for `text`; null when it asks for nothing. Upper and lower case are one. */
export function searchFor(text: string): Search | null {
  const words = text.slice(0, LONGEST).split(/\s+/u).filter((word) => word !== "").slice(0, MOST_WORDS);
  if (words.length === 0) return null;
  const patterns = words.map((word) => new RegExp(RegExp.escape(word), "iu"));
  return ({ summary, message }) => {
    if (summary === null) return false;
    const { subject, from, to } = summary;
    return patterns.every((pattern) =>
      pattern.test(subject) || pattern.test(from) || pattern.test(to) || pattern.test(message.mailbox)
    );
  };
}
