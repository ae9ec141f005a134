// @ts-types="./_std_parse_args.d.ts"
import { parseArgs } from "@std/cli/parse-args";
import { didYouMean } from "../../services/text/closest.ts";
import { quote } from "../../services/text/quote.ts";
import { UsageError } from "./usage_error.ts";

/** A flag that is there or not. */
export interface BooleanFlag {
  readonly kind: "boolean";
  /** One letter that says the same: `f` for `-f`. */
  readonly short?: string;
  /** One line for `--help`. */
  readonly help: string;
}

/** A flag with a value: `--log-level debug` or `--log-level=debug`. */
export interface StringFlag {
  readonly kind: "string";
  /** One letter that says the same: `n` for `-n 20`. */
  readonly short?: string;
  /** What stands for the value in `--help`: `LEVEL`. */
  readonly placeholder: string;
  readonly help: string;
  /** The only values that are taken. */
  readonly choices?: readonly string[];
}

/** The flags of a command by their names, without dashes. */
export type FlagSpecs = Readonly<Record<string, BooleanFlag | StringFlag>>;

type FlagValue<F> = F extends BooleanFlag ? boolean
  : F extends { readonly choices: readonly (infer C)[] } ? C | undefined
  : string | undefined;

/** The values of the flags that `F` describes. */
export type FlagValues<F extends FlagSpecs> = { readonly [K in keyof F]: FlagValue<F[K]> };

/** How many operands a command takes, and what they are called: `APP.yaml`. */
export interface OperandSpec {
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

/** A command line, taken apart. */
export interface CommandLine<F extends FlagSpecs> {
  readonly flags: FlagValues<F>;
  readonly operands: readonly string[];
}

/**
 * Take `args` apart by what a command declares. `--` ends the flags.
 * @throws {UsageError} for an unknown flag, a missing or wrong value, too few or too many operands
 */
export function parseCommandLine<F extends FlagSpecs>(
  args: readonly string[],
  flags: F,
  operands: OperandSpec,
): CommandLine<F> {
  const names = Object.keys(flags);
  const ofKind = (kind: string) => names.filter((name) => flags[name]?.kind === kind);
  const parsed = parseArgs(args, {
    boolean: ofKind("boolean"),
    alias: Object.fromEntries(names.flatMap((name) => {
      const { short } = flags[name]!;
      return short === undefined ? [] : [[name, short]];
    })),
    string: ["_", ...ofKind("string")], // operands, too: `0080` is a name, not a number
    unknown: (argument, name) => {
      if (name !== undefined) throw unknownFlag(argument, names);
    },
  });
  const values = Object.fromEntries(names.map((name) => [name, checked(name, flags[name]!, parsed[name])]));
  return { flags: values as FlagValues<F>, operands: counted(parsed._.map(String), operands) };
}

function unknownFlag(argument: string, names: readonly string[]): UsageError {
  const flag = argument.split("=", 1)[0]!;
  const hint = didYouMean(flag, names.map((name) => `--${name}`));
  return new UsageError(`Unknown flag ${quote(flag)}${hint}`);
}

function checked(name: string, flag: BooleanFlag | StringFlag, value: unknown): boolean | string | undefined {
  if (flag.kind === "boolean") return value === true;
  if (value === undefined) return undefined;
  const { placeholder, choices } = flag;
  if (typeof value !== "string" || value === "") {
    throw new UsageError(`Cannot use "--${name}" without a value: give it as --${name} ${placeholder}`);
  }
  if (choices !== undefined && !choices.includes(value)) {
    const hint = didYouMean(value, choices);
    throw new UsageError(`Cannot use ${quote(value)} for "--${name}"${hint}: must be ${choices.join(", ")}`);
  }
  return value;
}

function counted(operands: readonly string[], { name, min, max }: OperandSpec): readonly string[] {
  if (operands.length < min) throw new UsageError(`Missing operand: name the ${name}`);
  const extra = operands[max];
  if (extra !== undefined) throw new UsageError(`Unexpected operand ${quote(extra)}`);
  return operands;
}
