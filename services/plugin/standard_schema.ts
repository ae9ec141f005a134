/**
 * The part of Standard Schema v1 (https://standardschema.dev) that Heddle uses: the interface that zod,
 * valibot, arktype and others share, so that a plugin's author keeps the validator they like.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** The interface itself; the name keeps it out of the way of completion. */
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    /** Standard JSON Schema, where the library offers it. */
    readonly jsonSchema?: {
      readonly input: (options: { target: string }) => Record<string, unknown>;
      readonly output: (options: { target: string }) => Record<string, unknown>;
    } | undefined;
  };
}

/** A validation's outcome. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: ReadonlyArray<StandardIssue> };

/** One problem, and where in the value it is. */
export interface StandardIssue {
  /** What is wrong, for a person. */
  readonly message: string;
  /** The keys that lead to it from the root of the value. */
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
}

/** What a schema accepts. */
export type InferInput<S> = S extends StandardSchema<infer Input, unknown> ? Input : never;
/** What a schema yields. */
export type InferOutput<S> = S extends StandardSchema<infer _Input, infer Output> ? Output : never;
