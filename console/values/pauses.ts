/** The scope of a pause. */
export type Scope = "all" | "channel" | "department" | "agent";

/** The agents that can be paused, by name. */
export const PAUSABLE: readonly string[] = [
  "signal-interpreter",
  "eligibility-judge",
  "content-generator",
  "channel-executor",
  "conversationalist",
];

/** The target of a pause in words: `everything`, `channel sms`. */
export const pauseWords = ({ scope, name }: { readonly scope: Scope; readonly name?: string | undefined }): string =>
  scope === "all" ? "everything" : `${scope} ${name}`;
