/**
 * Keeps keys and values, and writes them to a file now and then: the first half of the example in `app.yaml`.
 * What it provides is a new object after each of its starts. That is why whoever uses it is started again with
 * it: see the strategy there.
 */
import { definePlugin, type Plugin, TimerService, type Token, token } from "@heddle/heddle";
import { duration } from "@heddle/heddle/zod";
import { z } from "zod";

/** What `store` services provide. */
export const STORE: Token<Map<string, string>> = token("example.store");

const options = z.strictObject({
  file: z.string().describe("Where values outlive a restart"),
  saveEvery: duration().prefault("1s").describe("Time between two savings"),
});

export default definePlugin({
  name: "store",
  description: "Keep keys and values in a file",
  options,
  provides: [STORE],
  makeService: ({ file, saveEvery }) => {
    let saved = "";
    let values = new Map<string, string>();
    const save = async () => {
      const text = JSON.stringify([...values]);
      if (text === saved) return;
      await Deno.writeTextFile(`${file}.new`, text);
      await Deno.rename(`${file}.new`, file);
      saved = text;
    };
    return {
      async start(ctx) {
        saved = await textOf(file) ?? "[]";
        values = new Map(JSON.parse(saved));
        ctx.provide(STORE, values);
        new TimerService(saveEvery, save).start(ctx); // one that fails fails the service
      },
      stop: save, // those who need the service have stopped by now
    };
  },
}) as Plugin<typeof options>;

async function textOf(file: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
