import { plainReply, type Reply, reply } from "./reply.ts";

// Every reply that does not depend on what was said, encoded once. Codes: RFC 5321, section 4.2; enhanced codes:
// RFC 3463, RFC 5248 and the extensions' own.

export const ok: Reply = reply(250, "2.0.0", "OK");
export const bye: Reply = reply(221, "2.0.0", "Bye");
export const help: Reply = reply(214, "2.0.0", "See RFC 5321");
export const senderOk: Reply = reply(250, "2.1.0", "Sender OK");
export const recipientOk: Reply = reply(250, "2.1.5", "Recipient OK");
export const cannotVerify: Reply = reply(252, "2.5.2", "Cannot verify, but will take mail for local users");
export const readyForTls: Reply = reply(220, "2.0.0", "Ready to start TLS");
export const loggedIn: Reply = reply(235, "2.7.0", "Authentication successful");
export const sendMessage: Reply = plainReply(354, "End data with <CR><LF>.<CR><LF>");

export const stopping: Reply = reply(421, "4.3.2", "Service is shutting down, try again later");
export const idle: Reply = reply(421, "4.4.2", "Connection timed out");
export const tooManyErrors: Reply = reply(421, "4.7.0", "Too many errors");
export const tooManyConnections: Reply = reply(421, "4.7.0", "Too many connections from your address");
export const notSmtp: Reply = reply(421, "4.7.0", "This is a mail server, it speaks SMTP");
export const failed: Reply = reply(451, "4.3.0", "Local error in processing, try again later");
export const tooManyRecipients: Reply = reply(452, "4.5.3", "Too many recipients");

export const unknownCommand: Reply = reply(500, "5.5.2", "Command not recognized");
export const lineTooLong: Reply = reply(500, "5.5.6", "Line is too long");
export const badCharacters: Reply = reply(500, "5.5.2", "Command has control characters, or is not UTF-8");
export const bareNewline: Reply = reply(500, "5.5.2", "Line must end with CRLF");
export const badArguments: Reply = reply(501, "5.5.4", "Syntax error in parameters");
export const helloWithoutName: Reply = reply(501, "5.5.4", "Tell your name, as in EHLO client.example");
export const noArgument: Reply = reply(501, "5.5.4", "This command takes no argument");
export const badSender: Reply = reply(501, "5.1.7", "Sender must be MAIL FROM:<name@domain>");
export const badRecipient: Reply = reply(501, "5.1.3", "Recipient must be RCPT TO:<name@domain>");
export const badSize: Reply = reply(501, "5.5.4", "SIZE must be a number of octets");
export const badBody: Reply = reply(501, "5.5.4", "BODY must be 7BIT or 8BITMIME");
export const noValue: Reply = reply(501, "5.5.4", "SMTPUTF8 takes no value");
export const badDsn: Reply = reply(501, "5.5.4", "RET, ENVID, NOTIFY or ORCPT has no valid value");
export const badAuthParameter: Reply = reply(501, "5.5.4", "AUTH has no valid value");
export const twice: Reply = reply(501, "5.5.4", "A parameter is given twice");
export const cancelled: Reply = reply(501, "5.7.0", "Authentication cancelled");
export const badBase64: Reply = reply(501, "5.5.2", "Response is not what the mechanism asks for");
export const notImplemented: Reply = reply(502, "5.5.1", "Command not implemented");
export const helloFirst: Reply = reply(503, "5.5.1", "Send EHLO first");
export const nestedMail: Reply = reply(503, "5.5.1", "There is a sender already, send RSET first");
export const senderFirst: Reply = reply(503, "5.5.1", "Send MAIL first");
export const recipientFirst: Reply = reply(503, "5.5.1", "There is no valid recipient");
export const inTransaction: Reply = reply(503, "5.5.1", "Not during a mail transaction");
export const chunksOnly: Reply = reply(503, "5.5.1", "Go on with BDAT, or send RSET");
export const tlsAlready: Reply = reply(503, "5.5.1", "TLS is in use already");
export const loggedInAlready: Reply = reply(503, "5.5.1", "Already authenticated");
export const unknownMechanism: Reply = reply(504, "5.5.4", "Authentication mechanism is not supported");
export const tlsFirst: Reply = reply(530, "5.7.0", "Send STARTTLS first");
export const loginFirst: Reply = reply(530, "5.7.0", "Authentication required");
export const wrongCredentials: Reply = reply(535, "5.7.8", "Authentication credentials invalid");
export const encryptFirst: Reply = reply(538, "5.7.11", "Encryption required for authentication");
export const notTrusted: Reply = reply(550, "5.7.0", "You may not use this command");
export const badChunk: Reply = reply(521, "5.5.4", "BDAT must be followed by a number of octets, good bye");
export const noSuchUser: Reply = reply(550, "5.1.1", "There is no such mailbox here");
export const noRelay: Reply = reply(550, "5.7.1", "Relaying denied");
export const tooLarge: Reply = reply(552, "5.3.4", "Message is too large");
export const utf8Address: Reply = reply(553, "5.6.7", "Address needs SMTPUTF8");
export const early: Reply = reply(554, "5.5.1", "You must wait for the greeting");
export const longLines: Reply = reply(554, "5.6.0", "Message has a line that is too long");
export const bareNewlines: Reply = reply(554, "5.6.0", "Message has CR or LF outside of CRLF");
export const mailLoop: Reply = reply(
  554,
  "5.4.6",
  "Message has too many Received fields, it goes in circles",
);
export const unknownParameter: Reply = reply(555, "5.5.4", "Unknown parameter");
