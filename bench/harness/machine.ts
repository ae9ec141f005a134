import { runProcess } from "./run_process.ts";

/** What the figures were measured on and with, as rows of name and value. */
export async function describeMachine(): Promise<[string, string][]> {
  return [
    ["Processor", `${processor()}, ${navigator.hardwareConcurrency} of them`],
    ["Memory", `${Math.round(Deno.systemMemoryInfo().total / 2 ** 30)} GiB`],
    ["System", `Linux ${Deno.osRelease()}, ${Deno.build.arch}`],
    ["TCP", `congestion control ${Deno.readTextFileSync(CONGESTION_CONTROL).trim()}`],
    ["Load before", Deno.loadavg()[0]!.toFixed(2)],
    ["Deno", `${Deno.version.deno} (V8 ${Deno.version.v8})`],
    ["Node", await versionOf(["node", "--version"])],
    ["Twisted", await versionOf(["/usr/bin/python3", "-c", TWISTED_VERSION])],
    ["Date", new Date().toISOString().slice(0, 10)],
  ];
}

const CONGESTION_CONTROL = "/proc/sys/net/ipv4/tcp_congestion_control";
const TWISTED_VERSION =
  "import sys, twisted; print(twisted.__version__, 'on Python', sys.version.split()[0])";

function processor(): string {
  return /^model name\s*: (.*)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1] ?? "unknown";
}

async function versionOf(command: readonly string[]): Promise<string> {
  try {
    return (await runProcess(command, 5_000)).trim();
  } catch {
    return "not installed";
  }
}
