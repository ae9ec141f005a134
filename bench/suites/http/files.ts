import type { HttpComparison } from "../../harness/http_comparison.ts";
import { nginx, plugin, twistedWeb } from "../../harness/http_servers.ts";

const FILES = [
  { name: "1 KiB", size: 1 << 10, connections: 64, atLeast: 0.75, overTwisted: true },
  { name: "100 KiB", size: 100 << 10, connections: 64, atLeast: 0.75, overTwisted: true },
  { name: "10 MiB", size: 10 << 20, connections: 8, atLeast: 0.6, overTwisted: false },
];

/** Make the files that are served in `folder`. */
export async function makeFiles(folder: string): Promise<void> {
  for (const { size } of FILES) {
    await Deno.writeFile(`${folder}/${size}.bin`, new Uint8Array(size).fill(0x61));
  }
}

/** Files out of `folder`. */
export function files(folder: string): readonly HttpComparison[] {
  const ours = plugin("files", folder);
  const theirs = nginx("files", folder);
  const twisted = twistedWeb("files", folder);
  return FILES.map(({ name, size, connections, atLeast, overTwisted }) => ({
    title: `A file of ${name}`,
    contenders: [ours, theirs, twisted],
    load: { connections, path: `/${size}.bin` },
    goals: [
      { against: theirs, by: "CPU", atLeast },
      ...(overTwisted ? [{ against: twisted, by: "CPU", atLeast: 5 } as const] : []),
    ],
  }));
}
