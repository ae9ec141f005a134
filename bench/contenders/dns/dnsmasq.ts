// dnsmasq with a number of services in its zone: `dnsmasq.ts SERVICES`. Says `ready PORT PID`.
import { freePort, runProgram } from "../_program.ts";

const [services = "1000"] = Deno.args;
const folder = await Deno.makeTempDir({ prefix: "heddle-bench-dnsmasq-" });
const port = freePort();
const records = Array.from({ length: Number(services) }, (_, i) => {
  const address = `10.0.${i >> 8}.${i & 255}`;
  const host = `${address.replaceAll(".", "-")}.ip4.bench.test`;
  return `host-record=${host},${address}\nsrv-host=s${i}.bench.test,${host},8080,0,1\n`;
});
await Deno.writeTextFile(
  `${folder}/dnsmasq.conf`,
  `no-resolv\nno-hosts\nlocal=/bench.test/\nlisten-address=127.0.0.1\nbind-interfaces\nport=${port}\n${
    records.join("")
  }`,
);
await runProgram(
  ["dnsmasq", "--keep-in-foreground", `--conf-file=${folder}/dnsmasq.conf`, "--user=root"],
  port,
);
await Deno.remove(folder, { recursive: true });
Deno.exit();
