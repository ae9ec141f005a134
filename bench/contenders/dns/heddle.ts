// Heddle's DNS server with a number of services in its zone: `heddle.ts SERVICES`.
import { run } from "../../../runner/run.ts";
import discovery from "../../../plugins/discovery/mod.ts";
import { Application } from "../../../services/application.ts";
import { silentLogger } from "../../../services/log.ts";
import { registry } from "../../../services/registry/registry.ts";
import type { Service } from "../../../services/service.ts";
import { freePort } from "../_program.ts";

const [services = "1000"] = Deno.args;
const port = freePort();
const options = await discovery.options["~standard"].validate({
  dns: { listen: `127.0.0.1:${port}`, zone: "bench.test" },
});
if (options.issues !== undefined) throw new Error(JSON.stringify(options.issues));
const application = new Application("bench");
application.addService(
  "registry",
  () => discovery.makeService(options.value as never) as Service | Promise<Service>,
);
application.addService("filled", () => ({
  async start(ctx) {
    const known = ctx.get(registry);
    for (let i = 0; i < Number(services); i++) {
      await known.register({ service: `s${i}`, endpoint: `tcp:10.0.${i >> 8}.${i & 255}:8080` });
    }
    console.log(`ready ${port}`);
  },
}), { needs: ["registry"] });
const { status } = await run(application, { log: () => silentLogger });
Deno.exit(status);
