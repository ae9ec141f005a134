/** A certificate or key file is not what it should be; the message is the reason alone. */
export class CertificateFileError extends Error {
  override readonly name = "CertificateFileError";
}
