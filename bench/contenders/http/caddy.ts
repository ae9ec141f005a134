// Caddy with one answer, on one processor, as the others have one.
import { freePort, runProgram } from "../_program.ts";

const folder = await Deno.makeTempDir({ prefix: "heddle-bench-caddy-" });
const port = freePort();
await Deno.writeTextFile(
  `${folder}/Caddyfile`,
  `{
  admin off
  auto_https off
}
http://127.0.0.1:${port} {
  respond "Hello, world!"
}
`,
);
await runProgram(["env", "GOMAXPROCS=1", "caddy", "run", "--config", `${folder}/Caddyfile`], port);
await Deno.remove(folder, { recursive: true });
Deno.exit();
