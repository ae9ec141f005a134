import { CannotListenError } from "../errors.ts";
import { describeSystemError, errorCode } from "./_system_error.ts";

/** `Cannot listen on "tcp:0.0.0.0:80": permission denied; ...`. */
export function cannotListen(endpoint: string, reason: string, cause?: unknown): CannotListenError {
  return new CannotListenError(`Cannot listen on "${endpoint}": ${reason}`, { cause });
}

/** Why an internet socket could not be bound. */
export function describeBindError(error: unknown, hostname: string, port: number): string {
  switch (errorCode(error)) {
    case "EADDRINUSE":
      return "address in use; stop the other program or choose another port";
    case "EACCES":
      return port > 0 && port < 1024
        ? "permission denied; ports below 1024 need a privilege or a port above 1023"
        : "permission denied";
  }
  if (error instanceof URIError) return `interface "${hostname}" is not an address`;
  if (error instanceof Error && error.message.startsWith("failed to lookup address")) {
    return `interface "${hostname}" is no address of this machine`;
  }
  return describeSystemError(error);
}
