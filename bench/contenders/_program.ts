// For contenders that are programs of their own, which do not tell where they listen.

/** A port that is free just now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Run a program until this process is told to end; says `ready PORT PID` once it listens on `port`. */
export async function runProgram(command: readonly string[], port: number): Promise<void> {
  const [program, ...args] = command;
  const child = new Deno.Command(program!, { args, stdin: "null", stdout: "null" }).spawn();
  Deno.addSignalListener("SIGTERM", () => child.kill("SIGTERM"));
  await listening(port);
  console.log(`ready ${port} ${child.pid}`);
  await child.status;
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 1_000; tries++) {
    try {
      return (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  throw new Error(`Nobody listens on port ${port}`);
}
