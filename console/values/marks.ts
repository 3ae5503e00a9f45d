/**
 * The six marks. Each has a shape, a word and a colour, so that none rests on colour alone. Only `failed` is red: what was kept back on
 * purpose is no failure.
 */
export const MARKS = {
  sent: "sent",
  waits: "waits",
  held: "held back",
  silent: "silent",
  failed: "failed",
  task: "for people",
} as const;
export type MarkKind = keyof typeof MARKS;

/** The mark of a decision by its action. */
export const markOfAction = (action: string): MarkKind =>
  (({ deliver: "sent", defer: "waits", await_approval: "task", withhold: "held", silence: "silent" }) as const)[action] ?? "silent";
