import { negative, positive, type Reply } from "./reply.ts";

// Every reply that does not depend on what was said, encoded once.

export const ok: Reply = positive("");
export const bye: Reply = positive("Bye");
export const sendPassword: Reply = positive("Send PASS");
export const readyForTls: Reply = positive("Begin TLS");
export const marked: Reply = positive("Marked to be removed at QUIT");
export const listing: Reply = positive("Listing follows");
export const top: Reply = positive("Top of message follows");

export const unknownCommand: Reply = negative("Command not recognized");
export const badCharacters: Reply = negative("Command has control characters, or is not UTF-8");
export const lineTooLong: Reply = negative("Line is too long");
export const noArgument: Reply = negative("This command takes no argument");
export const badNumber: Reply = negative("Tell the number of a message");
export const badTop: Reply = negative("Tell the number of a message and how many lines, as in TOP 1 10");
export const badName: Reply = negative("Tell your name, as in USER alice");
export const badApop: Reply = negative("Tell your name and a digest, as in APOP alice c4c9334bac560ecc...");
export const badAuth: Reply = negative("Tell a mechanism, as in AUTH PLAIN");
export const noSuchMessage: Reply = negative("There is no such message");
export const messageGone: Reply = negative("That message was removed by somebody else");

export const loginFirst: Reply = negative("Log in first");
export const loggedInAlready: Reply = negative("You are logged in already");
export const userFirst: Reply = negative("Send USER first");
export const tlsFirst: Reply = negative("Passwords are taken over TLS alone, send STLS first");
export const tlsAlready: Reply = negative("TLS is in use already");
export const noTls: Reply = negative("TLS is not offered");
export const noApop: Reply = negative("APOP is not offered");
export const unknownMechanism: Reply = negative("Authentication mechanism is not supported");
export const cancelled: Reply = negative("Authentication cancelled");
export const badResponse: Reply = negative("Response is not what the mechanism asks for");
export const wrongCredentials: Reply = negative("Name or password is wrong", "AUTH");
export const inUse: Reply = negative("Another session has this maildrop open", "IN-USE");
export const failed: Reply = negative("Local error in processing, try again later", "SYS/TEMP");
export const notRemoved: Reply = negative("Some messages could not be removed, they stay", "SYS/TEMP");

export const stopping: Reply = negative("Service is shutting down, try again later", "SYS/TEMP");
export const tooManyErrors: Reply = negative("Too many errors");
export const tooManyConnections: Reply = negative("Too many connections from your address", "SYS/TEMP");
