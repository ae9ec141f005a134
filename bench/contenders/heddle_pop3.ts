// Heddle's POP3 server, silent, on a port of the system's choice, for the mailbox "inbox" in a folder: `heddle_pop3.ts FOLDER`.
import pop3 from "../../plugins/pop3/mod.ts";
import { servePlugin } from "./_serve_plugin.ts";

await servePlugin(pop3, {
  listen: "tcp:127.0.0.1:0",
  users: [{ name: "inbox", password: "secret" }],
  maildir: Deno.args[0],
  insecureAuth: true,
});
