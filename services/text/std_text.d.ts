/** Number of single-character edits that turn one string into the other. */
export function levenshteinDistance(one: string, other: string): number;
