/**
 * Reads standard input in a Worker and hands on its lines. When it ends, the runner is gone: the process is killed,
 * whatever its main thread is doing; an endless loop there would outlive the runner otherwise. Killing oneself
 * takes no permission.
 *
 * The Worker comes from a data URL, for which no permission is needed either.
 */
export function watchStandardInput(received: (line: string) => void): void {
  const worker = new Worker(`data:application/javascript,${encodeURIComponent(source(Deno.pid))}`, {
    type: "module",
  });
  worker.onmessage = ({ data }: MessageEvent<string>) => received(data);
}

function source(pid: number): string {
  return `
const decoder = new TextDecoder();
const buffer = new Uint8Array(65536);
let rest = "";
try {
  for (;;) {
    const size = await Deno.stdin.read(buffer);
    if (size === null) break;
    const lines = (rest + decoder.decode(buffer.subarray(0, size), { stream: true })).split("\\n");
    rest = lines.pop();
    for (const line of lines) postMessage(line);
  }
} finally {
  Deno.kill(${pid}, "SIGKILL");
}`;
}
