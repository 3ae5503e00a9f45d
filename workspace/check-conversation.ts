import type { ChannelRule } from "../domain/policy.ts";
import type { ExperienceFile } from "./schema.ts";

/** How a change is put to the customer where the author has no question for it. */
export const DEFAULT_QUESTION = "Shall I do this?";

/** What cannot be said together with `converse`. */
export function problemsOfConversation(
  { transactional, action, channels }: ExperienceFile,
  known: Readonly<Record<string, ChannelRule>>,
): string[] {
  const problems: string[] = [];
  if (!transactional) problems.push("an answer to a message is transactional; expected transactional: true");
  if (action) problems.push("an experience that converses has tools instead of an action");
  for (const [channel, given] of Object.entries(channels)) {
    const kind = known[channel]?.kind;
    if (kind === "human" || kind === "webhook" || kind === "push") problems.push(`${channel} is a channel on which nobody converses`);
    if (typeof given.text !== "string" && typeof given.body !== "string") problems.push(`expected a text or body on ${channel}`);
    if (given.brief !== undefined) problems.push(`${channel} has a brief; the brief of converse is enough`);
  }
  return problems;
}

/** Whether a field of a tool's input decides what something costs, where it goes or to whom: only authors fill it. */
export function isForAuthors(tool: string, path: string): boolean {
  const asked = ASKED[tool];
  return asked !== undefined && !asked.some((allowed) => path === allowed || (allowed.endsWith(".") && path.startsWith(allowed)));
}

/** What changes the record or acts outside is confirmed by the customer first, unless the author says `confirm: false`. */
export const mustBeConfirmed = (tool: string): boolean => !DONE_AT_ONCE.has(tool);

// --- internal ---

/** Of tools that come with the product, what a customer may say; a workspace's own tools decide it by their input. */
const ASKED: Readonly<Record<string, readonly string[]>> = {
  update_traits: ["traits."],
  open_case: ["subject"],
  http_request: ["body."],
  issue_offer: [],
  open_promise: [],
};

const DONE_AT_ONCE: ReadonlySet<string> = new Set(["issue_offer", "open_case", "open_promise"]);
