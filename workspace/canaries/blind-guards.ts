import type { Policy } from "../../domain/entities/policy.ts";
import type { Note } from "../problem.ts";

/** Reports guards that compare with nobody: no other experience that competes serves a moment of the canary. */
export function blindGuards({ experiences }: Pick<Policy, "experiences">): Note[] {
  const competing = experiences.filter(({ status }) => status === "approved" || status === "canary");
  return competing.flatMap(({ id, serves, canary, source }) => {
    const place = canary?.guards.findIndex((guard) => "success" in guard) ?? -1;
    const isAlone = competing.every((one) => one.id === id || !one.serves.some((moment) => serves.includes(moment)));
    if (place < 0 || !isAlone) return [];
    const message = `no other experience serves ${serves.join(", ")}: the guard has nobody to compare with, unless ${id} is approved in the version that this one replaces`;
    return [{ file: source.file, path: `canary.guards.${place}`, message }];
  });
}
