import { z } from "zod";
import { REASON_CODES } from "../entities/decision.ts";
import { shown } from "../identity/masking.ts";

/** The subject of an item of a story. */
export const STORY_KINDS = [
  "signal",
  "message",
  "touch",
  "decision",
  "delivery",
  "outcome",
  "task",
  "promise",
  "case",
  "consent",
  "offer",
  "merge",
  "stage",
  "ask",
  "approval",
  "address",
  "import",
  "operator",
] as const;

/**
 * How an item is drawn: `sent` · `waits` · `held` back · `silent` · `task` · `failed` or uncertain · `outcome` of a message · `said` by the
 * customer or her systems · `met` by a person · `note`, everything else.
 */
export const STORY_MARKS = ["sent", "waits", "held", "silent", "task", "failed", "outcome", "said", "met", "note"] as const;
export type StoryMark = (typeof STORY_MARKS)[number];

const StoryReason = z.object({ code: z.enum(REASON_CODES), detail: z.string().optional() });
export type StoryReason = Readonly<z.infer<typeof StoryReason>>;

/** A record that an item tells of, by the name of its table. A signal is named by `source` and `id`. */
export const StoryRef = z.object({ table: shown(z.string()), id: z.string(), source: z.string().optional() });
export type StoryRef = Readonly<z.infer<typeof StoryRef>>;

/** An experience that a decision looked at and that passed its own department's rules, and did not go. */
export const HeldBack = z.object({
  experienceId: z.string(),
  department: z.string().optional(),
  reason: StoryReason,
});
export type HeldBack = Readonly<z.infer<typeof HeldBack>>;

export const StoryItem = z.object({
  id: z.string().describe("Stable: of the first record that it tells of."),
  at: z.string(),
  until: z.string().optional().describe("Of several looks that are told as one: when the last one was."),
  kind: z.enum(STORY_KINDS),
  mark: z.enum(STORY_MARKS),
  lane: z.enum(["customer", "department", "people", "all"]),
  department: z.string().optional().describe("Of the lane `department`."),
  title: shown(z.string().describe("What it is, in words of ours and of the policy: no content.")),
  text: z.string().optional().describe("Words of the customer, or of a message or a task, cut short."),
  channel: z.string().optional(),
  status: z.string().optional(),
  by: z.string().optional().describe("The source of a signal, or who has done it."),
  due: z.string().optional().describe("When it is due, or until when it waits."),
  reason: StoryReason.optional(),
  looks: z.number().int().optional().describe("How many silent decisions in a row are told as one."),
  reasons: z
    .array(z.object({ code: z.enum(REASON_CODES), decisions: z.number().int() }))
    .optional()
    .describe("Of silence: in how many of its decisions each reason stood."),
  held: z.array(HeldBack).optional().describe("What a decision has held back."),
  refs: z.array(StoryRef),
});
export type StoryItem = Readonly<z.infer<typeof StoryItem>>;

/** A message that a department alone would have sent, and what became of it. */
export const StoryGhost = z.object({
  at: z.string(),
  experienceId: z.string(),
  name: shown(z.string()),
  department: z.string(),
  channel: z.string(),
  decisionId: z.string(),
  sentAt: z.string().optional().describe("When it was sent after all."),
  reason: StoryReason.optional(),
});
export type StoryGhost = Readonly<z.infer<typeof StoryGhost>>;
