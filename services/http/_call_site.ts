/** `"file:///app/site.ts:12:7"`: where `error` was thrown, or where it was made; undefined where its stack does not tell. */
export function callSite(error: unknown): string | undefined {
  const stack = error instanceof Error ? error.stack : undefined;
  for (const line of stack?.split("\n") ?? []) {
    const place = /^\s+at (?:.*\()?((?:file|https?|data|npm|jsr):[^)\s]+:\d+:\d+)\)?$/.exec(line)?.[1];
    if (place !== undefined) return place;
  }
  return undefined;
}
