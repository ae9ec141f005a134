/** An endpoint's text or mapping is wrong: `Cannot parse endpoint "tcp:80o": port must be 0-65535`. */
export class EndpointError extends Error {
  /** Always `"EndpointError"`. */
  override readonly name = "EndpointError";
  /** In the mapping form, the keys that lead to what is wrong; empty when it is the whole. */
  readonly path: readonly string[];

  /** `message` is whole: it names the endpoint. */
  constructor(message: string, path: readonly string[] = []) {
    super(message);
    this.path = path;
  }
}
