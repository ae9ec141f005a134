/** Codes of gRPC, which etcd answers with: https://grpc.io/docs/guides/status-codes/. */
export const GRPC = {
  deadlineExceeded: 4,
  notFound: 5,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** etcd refused: it was reached, and the same request would be refused again. */
export class EtcdError extends Error {
  override readonly name = "EtcdError";
  /** Of gRPC. */
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

/** None of etcd's members answered in time, or they have no leader. */
export class EtcdAway extends Error {
  override readonly name = "EtcdAway";
}
