/**
 * Let objects of `prototype` pass for objects of the platform's class that `sample` is of, wherever the
 * platform takes one (`fetch(request)`, `new Request(request)`, `new Headers(headers)`): the platform keeps
 * their content in properties named by symbols, and ours get them from a real object made when it is needed.
 * A runtime that keeps it elsewhere would refuse ours; nothing else is lost.
 */
export function delegateSlots<T extends object>(
  prototype: T,
  sample: object,
  realOf: (self: T) => object,
): void {
  for (const slot of Object.getOwnPropertySymbols(sample)) {
    Object.defineProperty(prototype, slot, {
      get(this: T): unknown {
        return Reflect.get(realOf(this), slot);
      },
      set(this: T, value: unknown): void {
        Reflect.set(realOf(this), slot, value);
      },
    });
  }
  Object.setPrototypeOf(prototype, Object.getPrototypeOf(sample));
}
