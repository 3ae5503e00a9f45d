import type { PauseTarget } from "../domain/deciding/pause.ts";

const SCOPES = ["channel", "department", "agent"] as const;

/** Arguments of `pause` and `resume`. */
export type Targets = Readonly<Record<(typeof SCOPES)[number], string | undefined>>;

/** The targets of a pause: each one given, or everything. */
export function targetsOf(given: Targets): PauseTarget[] {
  const named = SCOPES.flatMap((scope) => {
    const name = given[scope];
    return name === undefined ? [] : [{ scope, name }];
  });
  return named.length > 0 ? named : [{ scope: "all" }];
}
