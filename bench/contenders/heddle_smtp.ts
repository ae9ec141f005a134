// Heddle's mail server, silent, on a port of the system's choice: `heddle_smtp.ts discard | maildir | queue`.
import smtp from "../../plugins/smtp/mod.ts";
import { silentLogger } from "../../services/log.ts";
import { DenoReactor } from "../../services/reactor/deno/deno_reactor.ts";
import { ServiceLife } from "../../services/service_life.ts";

const folder = await Deno.makeTempDir({ prefix: "bench-smtp" });
const common = { hostname: "mx.test", domains: ["here.test"], limits: { connectionsPerClient: 10_000 } };

/** A next server that never says a word: what is queued stays so. */
function silence(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

const kinds: Readonly<Record<string, () => object>> = {
  discard: () => ({ ...common, catchAll: "inbox", deliver: "discard" }),
  maildir: () => ({ ...common, catchAll: "inbox", deliver: { maildir: `${folder}/mail` } }),
  queue: () => ({
    ...common,
    domains: ["elsewhere.test"],
    deliver: "discard",
    trusted: ["127.0.0.1"],
    relay: { queue: `${folder}/queue`, smarthost: `tcp:127.0.0.1:${silence()}` },
  }),
};

const read = await smtp.options["~standard"].validate({
  listen: "tcp:127.0.0.1:0",
  ...kinds[Deno.args[0]!]!(),
});
if (read.issues !== undefined) throw new Error(JSON.stringify(read.issues));
const reactor = new DenoReactor({ log: silentLogger });
const life = new ServiceLife({
  name: "smtp",
  log: silentLogger,
  open: (options) => reactor.scope(options),
  tokens: {
    get: () => {
      throw new Error("nothing is provided");
    },
    provide: () => {},
  },
});
await life.start(() => smtp.makeService(read.value));
Deno.addSignalListener("SIGTERM", () => {
  Deno.removeSync(folder, { recursive: true });
  Deno.exit();
});
const [host] = life.scope.endpoints;
if (host?.transport === "tcp") console.log(`ready ${host.port}`);
await reactor.run();
