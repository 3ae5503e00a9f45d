import type { Candidate, Decision, Reason, Stage } from "../entities/decision.ts";
import { experienceOf, type Policy } from "../entities/policy.ts";
import { cutShort } from "../values/cut.ts";
import { isObject, type JsonObject } from "../values/json.ts";
import { iso } from "../values/time.ts";
import type { HeldBack, StoryItem, StoryMark, StoryReason } from "./story-item.ts";

type Told = Omit<StoryItem, "id" | "at" | "refs">;

/** Tells a decision: what it did, and what it held back that a department would have sent by its own rules. */
export function tellDecision(decision: Decision, policy: Policy): Told {
  const { action, experienceId, channel, until, reasons } = decision;
  const experience = experienceId === undefined ? undefined : experienceOf(policy, experienceId);
  const held = heldBack(decision, policy);
  const department = experience?.department;
  return {
    ...{
      kind: "decision",
      mark: MARKS[action],
      title: experience?.name ?? experienceId ?? nothingOf(decision),
    },
    ...(action !== "silence" && department !== undefined ? ({ lane: "department", department } as const) : ({ lane: "all" } as const)),
    ...(channel === undefined ? {} : { channel }),
    ...statusOf(decision),
    ...(until === undefined ? {} : { due: until }),
    ...(action === "deliver" || reasons[0] === undefined ? {} : { reason: reasonOf(reasons[0]) }),
    ...(action === "silence" ? { looks: 1, reasons: countsOf(reasons) } : {}),
    ...(held.length > 0 ? { held } : {}),
  };
}

/** Tells a delivery by its state. */
export function tellDelivery(row: JsonObject): Told {
  const { experience_id, department, channel, status, reason, content, asked } = row;
  const state = typeof status === "string" ? status : "";
  const said = isObject(content) ? [content.subject, content.title, content.text, content.summary, content.body] : [];
  const text = said.find((part) => typeof part === "string" && part !== "");
  // Of a showing the reason is the receipt that said it was seen.
  const isSeen = isObject(asked) && BY_STATUS[state] === "sent";
  const why = typeof reason === "string" && !isSeen ? ` (${reason})` : "";
  return {
    ...{ kind: "delivery", mark: BY_STATUS[state] ?? "failed", title: String(experience_id) },
    ...(typeof department === "string" ? ({ lane: "department", department } as const) : ({ lane: "all" } as const)),
    ...(typeof channel === "string" ? { channel } : {}),
    status: cutShort(`${stateInWords(state, row)}${why}`, MAX_DETAIL),
    ...(state === "reserved" && isObject(asked) && typeof asked.holdUntil === "number" ? { due: iso(asked.holdUntil) } : {}),
    ...(typeof text === "string" ? { text: cutShort(text, MAX_DETAIL) } : {}),
  };
}

// --- internal ---

/** What gave what the place has already has no delivery of its own. */
function statusOf({ action, again, wake }: Decision): Pick<Told, "status"> {
  if (again && wake.kind === "ask") return { status: `given again for ${wake.place}` };
  return action === "deliver" ? {} : { status: STATUS[action] };
}

const nothingOf = ({ wake }: Partial<Decision>): string => (wake?.kind === "ask" ? "nothing given" : "nothing sent");

/** The state of a delivery; of one that was asked for, its place too, and whether it was seen there. */
function stateInWords(state: string, { recorded, asked, seen }: JsonObject): string {
  const isOut = state === "sent" || state === "delivered";
  if (!isObject(asked)) return recorded === true && isOut ? "recorded, not sent" : state;
  if (state === "reserved") return `kept for ${asked.place}`;
  return isOut ? `given for ${asked.place}, ${seen === true ? "seen" : "not seen"}` : `${state}, for ${asked.place}`;
}

const MAX_DETAIL = 280;
/** Most marks of one decision. */
const MAX_HELD = 24;

const MARKS = {
  deliver: "sent",
  defer: "waits",
  await_approval: "waits",
  withhold: "held",
  silence: "silent",
} as const satisfies Readonly<Record<Decision["action"], StoryMark>>;

const STATUS = {
  defer: "waits",
  await_approval: "waits for approval",
  withhold: "withheld, to measure the effect",
  silence: "silent",
} as const satisfies Readonly<Record<Exclude<Decision["action"], "deliver">, string>>;

const BY_STATUS: Readonly<Record<string, StoryMark>> = {
  reserved: "waits",
  sending: "waits",
  sent: "sent",
  delivered: "sent",
  cancelled: "held",
};

/** Stages in which a department itself has ruled its experience out. */
const OWN_RULES: readonly (Stage | undefined)[] = ["eligibility", "applicability", "suitability", "judge"];

function heldBack({ candidates }: Decision, policy: Policy): HeldBack[] {
  return candidates
    .filter(({ verdict, reasons }) => verdict !== "chosen" && !reasons.some(({ stage }) => OWN_RULES.includes(stage)))
    .slice(0, MAX_HELD)
    .map((candidate) => heldOf(candidate, experienceOf(policy, candidate.experienceId)?.department));
}

const heldOf = ({ experienceId, reasons: [first] }: Candidate, department: string | undefined): HeldBack => ({
  experienceId,
  ...(department === undefined ? {} : { department }),
  // A candidate that could have gone and was not chosen has lost against another one.
  reason: first === undefined || first.code === "eligible" ? { code: "lower_priority" } : reasonOf(first),
});

const reasonOf = ({ code, detail }: Reason): StoryReason => ({
  code,
  ...(detail === undefined ? {} : { detail: cutShort(detail, MAX_DETAIL) }),
});

const countsOf = (reasons: readonly Reason[]) => [...new Set(reasons.map(({ code }) => code))].map((code) => ({ code, decisions: 1 }));
