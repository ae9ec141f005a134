/** What the process says when it ends, after BSD's sysexits(3). */
export const EXIT = {
  /** Done, or stopped in order. */
  ok: 0,
  /** What was asked for was not reached: a service that does not become ready, an application that is not healthy. */
  notReached: 1,
  /** The command line was wrong. */
  usage: 64,
  /** A file that was named does not exist. */
  noInput: 66,
  /** The application failed before it was first ready. */
  unavailable: 69,
  /** A fault of Heddle's own, or a significant failure later. */
  internal: 70,
  /** What was to be written exists already, or cannot be written. */
  cannotCreate: 73,
  /** To the process that watches over this one: start it again, its code has changed. */
  startAgain: 75,
  /** The application file is wrong. */
  config: 78,
} as const;
