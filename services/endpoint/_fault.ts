/** What is wrong with a part of an endpoint; the caller who knows the whole makes an `EndpointError` of it. */
export class Fault extends Error {
  /** The keys of the mapping form that lead to the part. */
  readonly path: readonly string[];

  constructor(message: string, path: readonly string[] = []) {
    super(message);
    this.path = path;
  }
}

/** Runs `read`; a fault in it is reported as lying under `key`, its message after `prefix`. */
export function within<T>(key: string, prefix: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault(prefix + error.message, [key, ...error.path]);
  }
}
