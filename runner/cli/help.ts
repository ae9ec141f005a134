import { type Command, defineCommand } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { findVerb } from "./verbs.ts";
import { overview, unknownVerb } from "./_without_verb.ts";

/** `heddle help` */
export const command: Command = defineCommand({
  verb: "help",
  summary: "tell about Heddle, or about a verb",
  usage: "[VERB]",
  operands: { name: "verb", min: 0, max: 2 },
  flags: {},
  async run({ operands }, io) {
    const [first, second] = operands;
    if (first === undefined) {
      io.stdout.print(overview());
      return EXIT.ok;
    }
    const found = findVerb(operands);
    if (found === null) throw unknownVerb(first, second);
    io.stdout.print((await found.verb.load()).command.help());
    return EXIT.ok;
  },
});
