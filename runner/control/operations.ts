/** Something that an operator, a file or a signal asks of the application. */
export interface Operation {
  readonly kind: "start" | "stop" | "restart" | "reload";
  /** The unit; absent for what concerns the whole application. */
  readonly path?: string;
}

/** Told when an operation begins; what it returns is called when it is over, with why it failed, if it did. */
export type OperationObserver = (operation: Operation) => (failure?: string) => void;

/** Tells observers of operations. */
export class Operations {
  readonly #observers = new Set<OperationObserver>();

  /** Tell `observer` of every operation from now on, until the returned function is called. */
  observe(observer: OperationObserver): () => void {
    this.#observers.add(observer);
    return () => void this.#observers.delete(observer);
  }

  /** Do `work`, which is `operation`. `failureOf`: why its result is no success. */
  async run<T>(
    operation: Operation,
    work: () => Promise<T>,
    failureOf: (result: T) => string | undefined,
  ): Promise<T> {
    const ends = [...this.#observers].map((observer) => observer(operation));
    const result = await work();
    const failure = failureOf(result);
    for (const end of ends) end(failure);
    return result;
  }
}
