// nodemailer's smtp-server, for Deno, and for Node: `smtp_server.mjs FOLDER`, in which npm has put it.
import { createRequire } from "node:module";
import process from "node:process";

const [, , folder] = process.argv;
const library = folder === undefined
  ? await import("smtp-server")
  : createRequire(`${folder}/`)("smtp-server");
const server = new library.SMTPServer({
  authOptional: true,
  disabledCommands: ["AUTH", "STARTTLS"],
  disableReverseLookup: true,
  logger: false,
  maxClients: 10_000,
  onData(stream, _session, callback) {
    stream.on("data", () => {});
    stream.on("end", () => callback());
  },
});
server.on("error", () => {});
server.listen(0, "127.0.0.1", () => console.log(`ready ${server.server.address().port}`));
