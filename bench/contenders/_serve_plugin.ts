import { silentLogger } from "../../services/log.ts";
import type { Plugin } from "../../services/plugin/plugin.ts";
import { DenoReactor } from "../../services/reactor/deno/deno_reactor.ts";
import type { StandardSchema } from "../../services/plugin/standard_schema.ts";
import type { Service } from "../../services/service.ts";
import { ServiceLife } from "../../services/service_life.ts";

/**
 * Run a service of `plugin`, silent, and say where it listens, until SIGTERM.
 * @param atEnd called then
 */
export async function servePlugin<S extends StandardSchema<unknown, unknown>>(
  plugin: Plugin<S>,
  options: object,
  atEnd: () => void = () => {},
): Promise<void> {
  const read = await plugin.options["~standard"].validate(options);
  if (read.issues !== undefined) throw new Error(JSON.stringify(read.issues));
  const reactor = new DenoReactor({ log: silentLogger });
  const life = new ServiceLife({
    name: plugin.name,
    log: silentLogger,
    open: (options) => reactor.scope(options),
    tokens: {
      get: () => {
        throw new Error("nothing is provided");
      },
      provide: () => {},
    },
  });
  await life.start(() => plugin.makeService(read.value as never) as Service | Promise<Service>);
  Deno.addSignalListener("SIGTERM", () => {
    atEnd();
    Deno.exit();
  });
  const [host] = life.scope.endpoints;
  if (host?.transport === "tcp") console.log(`ready ${host.port}`);
  await reactor.run();
}
