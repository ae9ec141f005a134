/** Whether a module is named by a URL, as in "npm:chat" or "https://...", and not by a path. */
export function isUrl(specifier: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/.test(specifier);
}
