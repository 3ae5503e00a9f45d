import type { TaskView } from "../../../operations/views.ts";

/** The actions that a person may take on a task now. */
export interface Allowed {
  readonly claim: boolean;
  readonly takeOver: boolean;
  /** A contact may be reported once, also after the end. */
  readonly end: boolean;
  /** It is theirs: they may return it, and ending it is what the page is for. */
  readonly isMine: boolean;
}

export function allowedOn(
  { state, claimedBy, contacted }: Pick<TaskView, "state" | "claimedBy" | "contacted">,
  me: string | undefined,
  mayWork: boolean,
): Allowed {
  const isMine = state === "claimed" && claimedBy === me;
  return {
    claim: mayWork && state === "open",
    takeOver: mayWork && state === "claimed" && !isMine,
    end: mayWork && !(state === "done" && contacted === true),
    isMine: mayWork && isMine,
  };
}
