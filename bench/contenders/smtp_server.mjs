// nodemailer's smtp-server, for Deno and Node: `smtp_server.mjs MODULE`, which is where the library is.
const { default: library } = await import(process.argv[2]);
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
