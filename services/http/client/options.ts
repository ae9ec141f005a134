/** Limits on what a server may send, and on how long it may take. Sizes in bytes, times in milliseconds. */
export interface ClientLimits {
  /** Status line and header section together, and trailers. Default 64 KiB. */
  readonly maxHead: number;
  /** Header fields. Default 200. */
  readonly maxHeaders: number;
  /** For a connection to stand, its TLS handshake included. Default 5 s. */
  readonly connectTimeout: number;
  /** From the last of the request that was sent to the end of the response's head. Default 60 s. */
  readonly headTimeout: number;
  /** For more of a response's body, and for the server to take more of a request's. Default 60 s. */
  readonly idleTimeout: number;
  /** A connection is kept so long for the next request, less where the server says so. Default 60 s. */
  readonly keepAlive: number;
  /** Connections kept at once for the next requests. Default 512. */
  readonly maxIdle: number;
}

/** The limits that hold where an option is absent. */
export const defaultClientLimits: ClientLimits = {
  maxHead: 64 * 1024,
  maxHeaders: 200,
  connectTimeout: 5_000,
  headTimeout: 60_000,
  idleTimeout: 60_000,
  keepAlive: 60_000,
  maxIdle: 512,
};
