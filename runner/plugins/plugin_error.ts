/** A plugin that cannot be used. The message names the plugin and the cause. */
export class PluginError extends Error {
  override readonly name = "PluginError";
  /** As the application file has it. */
  readonly specifier: string;
  /** What was probably meant. */
  readonly suggestion?: string;

  constructor(
    specifier: string,
    message: string,
    options: ErrorOptions & { suggestion?: string | undefined } = {},
  ) {
    super(message, options);
    this.specifier = specifier;
    if (options.suggestion !== undefined) this.suggestion = options.suggestion;
  }
}
