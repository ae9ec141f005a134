import { definePlugin, metrics, type Plugin, TextLineReceiver } from "@heddle/heddle";
import { endpoint } from "@heddle/heddle/zod";
import { z } from "zod";

const KINDS = ["net", "read", "write", "env", "run", "sys", "ffi", "import"] as const;

const options = z.strictObject({ listen: endpoint(), greeting: z.string().default("hello") });

/** Does what a line says: misbehave, or tell what it may and is. */
export default definePlugin({
  name: "subject",
  options,
  replace: "overlap",
  makeService: (given) => {
    let { greeting } = given;
    let hang = false;
    return {
      async start(ctx) {
        const asked = ctx.get(metrics).counter("subject_lines_total", { help: "Lines" }).with();
        class Subject extends TextLineReceiver {
          override textReceived(line: string): void {
            asked.inc();
            this.sendLine(this.#answer(line));
          }

          /** A client is not hung up on between two questions: it ends the conversation itself. */
          override drainRequested(): void {}

          #answer(line: string): string {
            const [word, argument = ""] = line.split(" ");
            switch (word) {
              case "ping":
                return "pong";
              case "greeting":
                return greeting;
              case "pid":
                return String(Deno.pid);
              case "permissions":
                return KINDS.filter((name) =>
                  Deno.permissions.querySync({ name } as Deno.PermissionDescriptor).state === "granted"
                ).join() || "none";
              case "read":
                return attempt(() => String(Deno.readTextFileSync(argument).length));
              case "fail-to-read":
                ctx.fail(attemptError(() => Deno.readTextFileSync(argument)));
                return "failed";
              case "env":
                return attempt(() => Deno.env.get(argument) ?? "unset");
              case "write":
                return attempt(() => {
                  Deno.writeTextFileSync(argument, "");
                  return "written";
                });
              case "listen":
                ctx.reactor.listen(argument, () => null).then(
                  () => this.sendLine("listens"),
                  (error) => this.sendLine(error.message),
                );
                return "...";
              case "cwd":
                return attempt(() => Deno.cwd());
              case "log":
                ctx.log.warn("Said so", { argument });
                console.log(`printed ${argument}`);
                return "logged";
              case "throw":
                setTimeout(() => {
                  throw new Error("Nobody catches this");
                });
                return "thrown";
              case "hang-at-stop":
                hang = true;
                return "hangs";
              case "loop":
                for (;;);
              case "leak": {
                const kept: string[][] = [];
                for (;;) kept.push(Array.from({ length: 10_000 }, (_, i) => `${i} of many`));
              }
            }
            return "what?";
          }
        }
        await ctx.reactor.listen(given.listen, () => new Subject());
      },
      stop: () => hang ? new Promise(() => {}) : undefined,
      reload(next) {
        if (JSON.stringify(next.listen) !== JSON.stringify(given.listen)) return false;
        greeting = next.greeting;
        return true;
      },
    };
  },
}) as Plugin<typeof options>;

function attempt(what: () => string): string {
  try {
    return what();
  } catch (error) {
    return `${(error as Error).name}`;
  }
}

function attemptError(what: () => unknown): unknown {
  try {
    what();
  } catch (error) {
    return error;
  }
}
