/** How an application ended, and the process's exit status that says so. */
export interface ExitVerdict {
  /** 0: stopped when asked, or its work is finished. 69: it failed before it was first ready. 70: later. */
  readonly status: 0 | 69 | 70;
  /** One line for the log. */
  readonly reason: string;
}
