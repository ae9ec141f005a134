// Heddle's mail server, silent, on a port of the system's choice: `heddle_smtp.ts discard | maildir | queue`.
import smtp from "../../plugins/smtp/mod.ts";
import { servePlugin } from "./_serve_plugin.ts";

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

await servePlugin(
  smtp,
  { listen: "tcp:127.0.0.1:0", ...kinds[Deno.args[0]!]!() },
  () => Deno.removeSync(folder, { recursive: true }),
);
