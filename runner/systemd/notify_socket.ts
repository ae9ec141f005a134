/** Sends states to a service manager. Never throws: one that does not listen is no fault of the application's. */
export type Notify = (state: string) => void;

/**
 * The way to the service manager that NOTIFY_SOCKET names, sd_notify(3): a path, or with `@` at its begin a name in
 * Linux' abstract namespace. Null when Deno was started without `--unstable-net`.
 */
export function openNotifySocket(address: string): (Notify & Disposable) | null {
  if (typeof Deno.listenDatagram !== "function") return null;
  const to: Deno.UnixAddr = { transport: "unixpacket", path: address.replace(/^@/, "\0") };
  // A name of our own is of no use to anybody, but sending needs one; an abstract one leaves no file behind.
  const socket = Deno.listenDatagram({ transport: "unixpacket", path: `\0heddle-notify-${Deno.pid}` });
  const encoder = new TextEncoder();
  // In their order: the manager acts on the last that it was told.
  let last: Promise<unknown> = Promise.resolve();
  const notify = (state: string): void => {
    last = last.then(() => socket.send(encoder.encode(state), to)).catch(() => {});
  };
  return Object.assign(notify, { [Symbol.dispose]: () => void last.then(() => socket.close()) });
}
