import { LineReader } from "./heddle_process.ts";

/** What to install, as Debian calls it, for the programs that tests drive. */
const PACKAGES = {
  chromium: "chromium",
  etcd: "etcd-server",
  curl: "curl",
  dig: "bind9-dnsutils",
  fetchmail: "fetchmail",
  getmail: "getmail6",
  h2load: "nghttp2-client",
  msmtp: "msmtp",
  nc: "netcat-openbsd",
  nginx: "nginx-light",
  openssl: "openssl",
  python3: "python3-minimal",
  "smtp-sink": "postfix",
  "smtp-source": "postfix",
  socat: "socat",
  "systemd-analyze": "systemd",
  wrk: "wrk",
} as const;

/** A program that is not part of this project. */
export type Program = keyof typeof PACKAGES;

/** Whether tests that drive `program` must be skipped: give it to `ignore`. Says what to install. */
export function isMissing(program: Program): boolean {
  const found = (Deno.env.get("PATH") ?? "").split(":").some((folder) => isFile(`${folder}/${program}`));
  if (!found) console.warn(`Tests that drive ${program} are skipped: install ${PACKAGES[program]}`);
  return !found;
}

/**
 * Run a program with `input` on its standard input until it ends; what it wrote.
 * @param answer a line of its output that must come before its input ends; default: none
 */
export async function runProgram(
  program: Program,
  args: readonly string[],
  input = "",
  answer?: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdout = new LineReader("stdout", child.stdout);
  const stderr = new LineReader("stderr", child.stderr);
  const writer = child.stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(input));
    if (answer !== undefined) await stdout.line((line) => line === answer);
  } finally {
    await writer.close();
    await Promise.all([child.status, stdout.ended, stderr.ended]);
  }
  return { code: (await child.status).code, stdout: stdout.text, stderr: stderr.text };
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
