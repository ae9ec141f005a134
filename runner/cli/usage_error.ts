/** The command line is wrong: the message says how; the exit status is 64. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
