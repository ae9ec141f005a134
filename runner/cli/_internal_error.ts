/** What is said of an error that is nobody's mistake but Heddle's. */
export function internalError(error: unknown): string {
  const detail = error instanceof Error ? error.stack ?? error.message : String(error);
  return `Internal error: please report this\n${detail}\n`;
}
