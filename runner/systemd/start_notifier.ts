import type { Runner } from "../runner.ts";
import { Notifier } from "./notifier.ts";
import { openNotifySocket } from "./notify_socket.ts";

/** What systemd says of itself to a service that it starts. */
const VARIABLES = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] as const;

/**
 * Tell the service manager that started this process how the application is doing. What it said in the environment is
 * taken out of it: it is not meant for children. Null where nobody is to be told.
 */
export function startNotifier(
  runner: Runner,
  env: (name: string) => string | undefined,
): Disposable | null {
  const [address, watchdog, watched] = VARIABLES.map(env);
  const notify = address === undefined || address === "" ? null : openNotifySocket(address);
  for (const name of VARIABLES) Deno.env.delete(name);
  if (notify === null) return null;
  const isWatched = watchdog !== undefined && (watched === undefined || Number(watched) === Deno.pid);
  const notifier = new Notifier({
    notify,
    time: runner.reactor,
    watchdog: isWatched ? Number(watchdog) / 1_000 : null,
  });
  runner.supervisor.subscribe((event) => notifier.see(event));
  runner.control.operations.observe(notifier.observe);
  return notify;
}
