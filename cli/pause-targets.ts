import type { PauseTarget } from "../domain/deciding/pause.ts";
import { type Arguments, text } from "./command.ts";

const SCOPES = ["channel", "department", "agent"] as const;

/** What is paused or resumed: each thing that is named, or everything. */
export function targetsOf({ options }: Arguments): PauseTarget[] {
  const named = SCOPES.flatMap((scope) => {
    const name = text(options[scope]);
    return name === undefined ? [] : [{ scope, name }];
  });
  return named.length > 0 ? named : [{ scope: "all" }];
}
