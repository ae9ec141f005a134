/**
 * Finger, last step: a plugin. The operator writes the users into the application file beside this one; on
 * SIGHUP the service takes the new table over, and nobody who is connected notices. Run it with
 *
 *     deno task serve examples/finger/app.yaml
 *
 * then: `echo alice | nc 127.0.0.1 7079`.
 */
import { definePlugin, type Plugin, TextLineReceiver } from "@heddle/heddle";
import { endpoint } from "@heddle/heddle/zod";
import { z } from "zod";

class Finger extends TextLineReceiver {
  readonly #getUser: (user: string) => string | undefined;

  constructor(getUser: (user: string) => string | undefined) {
    super();
    this.#getUser = getUser;
  }

  override textReceived(user: string): void {
    this.sendLine(this.#getUser(user.trim()) ?? "No such user");
    this.transport.loseConnection();
  }
}

const options = z.strictObject({
  listen: endpoint().prefault("tcp:127.0.0.1:7079").describe("Where to answer"),
  users: z.record(z.string(), z.string()).describe("What to answer, by user"),
});

export default definePlugin({
  name: "finger",
  description: "Tell what users are doing (RFC 1288)",
  options,
  makeService({ listen, users }) {
    let current = new Map(Object.entries(users));
    return {
      start: (ctx) => ctx.reactor.listen(listen, () => new Finger((user) => current.get(user))),
      reload(changed) {
        if (JSON.stringify(changed.listen) !== JSON.stringify(listen)) return false;
        current = new Map(Object.entries(changed.users));
        return true;
      },
    };
  },
}) as Plugin<typeof options>;
