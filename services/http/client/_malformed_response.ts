/** What came is no response; the message says why. */
export class MalformedResponse extends Error {
  override readonly name = "MalformedResponse";
}
