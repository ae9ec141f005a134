import { type Service, type ServiceContext, TextLineReceiver } from "@heddle/heddle";
import { endpoint } from "@heddle/heddle/zod";
import { z } from "zod";

/** The options of a victim. */
export const victimOptions = z.strictObject({
  listen: endpoint(),
  /** A folder. A file there that has the service's name lets its next start hang; the start removes it. */
  traps: z.string(),
  /** Every answer tells it. */
  generation: z.int(),
});

/** What those parse to. */
export type VictimOptions = z.output<typeof victimOptions>;

/** It must be able to see, and to remove, what traps it. */
export function victimPermissions({ traps }: VictimOptions): { read: string[]; write: string[] } {
  return { read: [traps], write: [traps] };
}

/**
 * Greets every client with `hello ID`, which names this life of the service, and answers `work N` some time later
 * with `done N GENERATION`. Whatever else a line says befalls it.
 */
export class Victim implements Service<VictimOptions> {
  readonly #options: VictimOptions;
  readonly #takesOptions: boolean;
  #generation: number;
  #hangsAtStop = false;

  constructor(options: VictimOptions, takesOptions: boolean) {
    this.#options = options;
    this.#takesOptions = takesOptions;
    this.#generation = options.generation;
  }

  async start(ctx: ServiceContext): Promise<void> {
    if (sprungTrap(`${this.#options.traps}/${ctx.name}`)) await new Promise(() => {});
    const id = `${Deno.pid}/${crypto.randomUUID()}`;
    const failing = Promise.withResolvers<void>();
    ctx.draining.addEventListener("abort", () => failing.resolve());
    ctx.spawn(() => failing.promise);
    const suffer = (word: string): void => this.#suffer(word, ctx, failing);
    const answer = (n: string): string => `done ${n} ${this.#generation}`;
    class Conversation extends TextLineReceiver {
      override connectionMade(): void {
        this.sendLine(`hello ${id}`);
      }

      /** A client is not hung up on between two questions: it ends the conversation itself. */
      override drainRequested(): void {}

      override textReceived(line: string): void {
        const [word = "", n = ""] = line.split(" ");
        if (word === "work") ctx.reactor.callLater(Number(n) % 20, () => this.sendLine(answer(n)));
        else if (word === "oops") throw new Error("The protocol throws");
        else {
          suffer(word);
          this.sendLine("so be it");
        }
      }
    }
    await ctx.reactor.listen(this.#options.listen, () => new Conversation());
  }

  stop(): void | Promise<void> {
    if (this.#hangsAtStop) return new Promise(() => {});
  }

  reload({ generation }: VictimOptions): boolean {
    if (this.#takesOptions) this.#generation = generation;
    return this.#takesOptions;
  }

  #suffer(word: string, ctx: ServiceContext, failing: PromiseWithResolvers<void>): void {
    switch (word) {
      case "fail":
        return ctx.fail(new Error("It was told to fail"));
      case "reject":
        return failing.reject(new Error("Its task rejects"));
      case "throw":
        return void ctx.reactor.callLater(0, () => {
          throw new Error("Its timer throws");
        });
      case "finish":
        return ctx.finish();
      case "hang-at-stop":
        this.#hangsAtStop = true;
        return;
      case "loop":
        for (;;);
      case "leak": {
        const kept: string[][] = [];
        for (;;) kept.push(Array.from({ length: 10_000 }, (_, i) => `${i} of many`));
      }
    }
  }
}

function sprungTrap(path: string): boolean {
  try {
    Deno.removeSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
