import type { Strategy } from "../../services/application_spec.ts";

/**
 * The first of the siblings that restart together with the failed one at `index`, in the order of
 * declaration; they all do from there on. Null: it restarts alone.
 */
export function restartsFrom(strategy: Strategy, index: number): number | null {
  switch (strategy) {
    case "one-for-one":
      return null;
    case "rest-for-one":
      return index;
    case "one-for-all":
      return 0;
  }
}
