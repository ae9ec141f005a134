/**
 * Whether a terminal controls this process: then SIGHUP says that it is gone, else that the application file
 * is to be read again. tty(4): opening /dev/tty fails for a process that has none.
 */
export function hasControllingTerminal(): boolean {
  try {
    Deno.openSync("/dev/tty").close();
    return true;
  } catch {
    return false;
  }
}
