// `plugin: http`, run by `heddle serve`, on a port of the system's choice:
// `plugin.ts hello | logged | files FOLDER | proxy PORT`
import { freePort, runProgram } from "../_program.ts";

const [kind = "", argument = ""] = Deno.args;
const hello = `handler: ${JSON.stringify(new URL("hello_handler.ts", import.meta.url).pathname)}`;

const folder = await Deno.makeTempDir({ prefix: "heddle-bench-plugin-" });
const port = freePort();
const last: Readonly<Record<string, string>> = {
  hello,
  logged: `${hello}\n              log: { format: combined, file: "${folder}/access.log" }`,
  files: `files: ${JSON.stringify(argument)}`,
  proxy: `proxy: tcp:127.0.0.1:${argument}`,
};
await Deno.writeTextFile(
  `${folder}/app.yaml`,
  `name: bench
log: { level: warn }
services:
  web:
    plugin: http
    options:
      listen: tcp:127.0.0.1:${port}
      limits: { connectionsPerClient: 20000 }
      sites:
        - hosts: [example.org, www.example.org]
          routes:
            - respond: example
        - hosts: "*.example.net"
          routes:
            - respond: example
        - routes:
            - path: /about
              respond: about
            - path: /docs/*
              respond: docs
            - ${last[kind]}
`,
);
const runner = new URL("../../../runner/cli/main.ts", import.meta.url).pathname;
await runProgram(
  // As the task of that name has it.
  [
    ...[Deno.execPath(), "run", "--v8-flags=--max-semi-space-size=8", "--allow-all", runner],
    ...["serve", `${folder}/app.yaml`],
  ],
  port,
);
await Deno.remove(folder, { recursive: true });
Deno.exit();
