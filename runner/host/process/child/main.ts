import type { LogFields, Logger } from "../../../../services/log.ts";
import { currentOwner } from "../../../../services/reactor/attribution.ts";
import { plainValue } from "../../../log/plain_value.ts";
import { asPlugin } from "../../../plugins/as_plugin.ts";
import { type Entry, PROTOCOL_VERSION, type ToChild, type ToRunner, toWire } from "../protocol.ts";
import { ChildReactor } from "./child_reactor.ts";
import { overgranted } from "./guard.ts";
import { HostedService } from "./hosted_service.ts";
import { learnNativeConns } from "./native_conns.ts";
import { Outlet } from "./outlet.ts";
import { ReceivedSockets } from "./received_sockets.ts";
import { watchStandardInput } from "./watchdog.ts";

/** The process has more than it was granted: EX_NOPERM of sysexits(3). */
const EXIT_OVERGRANTED = 77;
/** It and the runner are of different versions, or the runner does not read any more. */
const EXIT_PROTOCOL = 76;

/**
 * Run a service in this process. The generated entry calls this; `load` imports the plugin's module, which happens
 * only after the process has seen that it has no more than its grant.
 */
export async function runChild(entry: Entry, load: () => Promise<object>): Promise<void> {
  const outlet = new Outlet(Deno.stdout, () => Deno.exit(EXIT_PROTOCOL));
  const send = (message: ToRunner): void => outlet.send(message);
  if (entry.version !== PROTOCOL_VERSION) return Deno.exit(EXIT_PROTOCOL);
  // It starts while the rest is loaded; nothing comes before `hello`.
  let received: (line: string) => void = () => {};
  watchStandardInput((line) => received(line));
  await useProbe(entry);
  const excess = overgranted(entry.grant);
  if (excess.length > 0) {
    send({ kind: "overgranted", what: excess });
    await outlet.flush();
    return Deno.exit(EXIT_OVERGRANTED);
  }

  const loading = load();
  loading.catch(() => {}); // told when the service starts
  const log = wireLogger(send);
  const sockets = new ReceivedSockets(send);
  const service = new HostedService({
    loadPlugin: async () => {
      const plugin = asPlugin(await loading);
      if (typeof plugin === "string") throw new Error(`Cannot load the plugin: ${plugin}`);
      return plugin;
    },
    reactor: new ChildReactor(log, sockets),
    log,
    send,
  });
  catchStray(service);
  received = (line) => {
    const message = JSON.parse(line) as ToChild;
    if (message.kind === "socket" || message.kind === "noSocket") return sockets.answered(message);
    void service.handle(message).then(async () => {
      if (message.kind !== "stop") return;
      await outlet.flush();
      Deno.exit(0);
    });
  };
  send({ kind: "hello", version: PROTOCOL_VERSION });
}

/** Use what is granted for a moment, and give it up for good. */
async function useProbe({ probe, grant }: Entry): Promise<void> {
  if (probe === null) return;
  await learnNativeConns(probe);
  if (grant.net !== true) Deno.permissions.revokeSync({ name: "net", host: probe });
}

function wireLogger(send: (message: ToRunner) => void): Logger {
  const at = (level: "debug" | "info" | "warn" | "error") => (message: string, fields?: LogFields): void =>
    send({
      kind: "log",
      level,
      message: String(message),
      ...(fields === undefined ? {} : { fields: fieldsForWire(fields) }),
    });
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function fieldsForWire(fields: LogFields): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Deno.errors.NotCapable ? toWire(value) : plainValue(value),
    ]),
  );
}

/** Everything that nobody caught is the service's, and is its failure. */
function catchStray(service: HostedService): void {
  const blame = (error: unknown): void => {
    const owner = currentOwner();
    if (owner === undefined) service.unhandled(error);
    else owner.unhandled(error);
  };
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    blame(event.reason);
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    blame(event.error);
  });
}
