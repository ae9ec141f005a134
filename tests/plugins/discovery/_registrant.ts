import { join, type JoinOptions } from "./_fleet.ts";

const registry = await join(JSON.parse(Deno.args[0]!) as JoinOptions);
await registry.register({ service: "web", id: "web", endpoint: "tcp:10.0.0.5:80" });
await registry.elect("cron");
console.log("ready");
