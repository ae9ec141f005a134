/** Until the line must have come, ms. */
const DEADLINE = 20_000;

/** A program whose start is measured. */
export interface Starter {
  readonly name: string;
  readonly command: readonly string[];
  /** Part of the line, on either output, that says it is ready. */
  readonly mark: string;
}

/**
 * Milliseconds from the execution of a program to the line that says that it is ready; then it is ended.
 * @throws {Error} when it ends before, or takes too long
 */
export async function timeToLine({ name, command, mark }: Starter): Promise<number> {
  const [program, ...args] = command;
  const begin = performance.now();
  const child = new Deno.Command(program!, { args, stdin: "null", stdout: "piped", stderr: "piped" }).spawn();
  const late = setTimeout(() => child.kill("SIGKILL"), DEADLINE);
  try {
    return await Promise.any([child.stdout, child.stderr].map((stream) => seen(stream, mark))) - begin;
  } catch {
    throw new Error(`Cannot measure the start of ${name}: it did not say "${mark}"`);
  } finally {
    clearTimeout(late);
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await child.status;
  }
}

/** When `mark` came; rejects when the stream ends without it. What comes later is read and dropped. */
async function seen(stream: ReadableStream<Uint8Array>, mark: string): Promise<number> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (true) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`The stream ended without "${mark}"`);
    text += value;
    if (!text.includes(mark)) continue;
    const at = performance.now();
    void reader.cancel();
    return at;
  }
}
