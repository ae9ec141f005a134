export interface ParseOptions {
  readonly boolean?: readonly string[];
  readonly string?: readonly string[];
  readonly alias?: Readonly<Record<string, string>>;
  readonly unknown?: (argument: string, name?: string, value?: unknown) => unknown;
}

export function parseArgs(
  args: readonly string[],
  options?: ParseOptions,
): { readonly _: readonly (string | number)[]; readonly [name: string]: unknown };
