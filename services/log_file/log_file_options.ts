/** A log file that is rotated: `path` is being written, `path.1` is the latest old one, `path.2` the one before. */
export interface LogFileOptions {
  /** Relative to the working directory. Its folder must exist. */
  readonly path: string;
  /** Bytes at which the file is rotated. Default 10 MiB. */
  readonly maxSize: number;
  /** Old files that are kept; 0 keeps none. Default 5. */
  readonly keep: number;
  /** Milliseconds after which the file is rotated whatever its size; null: never. Default null. */
  readonly maxAge: number | null;
}

/** What a log file has when only its path is said. */
export const LOG_FILE_DEFAULTS: Omit<LogFileOptions, "path"> = {
  maxSize: 10 * 1024 * 1024,
  keep: 5,
  maxAge: null,
};
