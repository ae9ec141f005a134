// knotd with one worker and a number of services in its zone: `knot.ts SERVICES`. Says `ready PORT PID`.
import { freePort, runProgram } from "../_program.ts";

const [services = "1000"] = Deno.args;
const folder = await Deno.makeTempDir({ prefix: "heddle-bench-knot-" });
const port = freePort();
const records = Array.from({ length: Number(services) }, (_, i) => {
  const address = `10.0.${i >> 8}.${i & 255}`;
  const host = `${address.replaceAll(".", "-")}.ip4`;
  return `${host} A ${address}\ns${i} SRV 0 1 8080 ${host}\n`;
});
await Deno.mkdir(`${folder}/db`);
await Deno.writeTextFile(
  `${folder}/zone`,
  `$ORIGIN bench.test.\n$TTL 5\n@ SOA ns hostmaster 1 3600 600 86400 5\n@ NS ns\nns A 127.0.0.1\n${
    records.join("")
  }`,
);
await Deno.writeTextFile(
  `${folder}/knot.conf`,
  `server:
  rundir: ${folder}
  listen: 127.0.0.1@${port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: ${folder}/db
zone:
  - domain: bench.test
    file: ${folder}/zone
`,
);
await runProgram(["knotd", "--config", `${folder}/knot.conf`], port);
await Deno.remove(folder, { recursive: true });
Deno.exit();
