import type { OverviewView } from "../../../operations/monitoring/views.ts";
import { count, counted, listed, share } from "../../values/numbers.ts";
import { relativeTime } from "../../values/zone-time.ts";

/** A piece of a sentence: words, or words that lead to a page. */
export type Piece = string | { readonly text: string; readonly to: string };

export interface Sentence {
  /** The question that it answers. */
  readonly asks: string;
  /** Whether somebody has to act. */
  readonly look: "calm" | "people" | "late" | "stuck";
  readonly pieces: readonly Piece[];
}

/** The wait after which something is stuck: a worker takes what is there within a second. */
const PROMPT_MS = 60_000;
/** A message that is reserved longer than this waits for more than a provider. */
const RESERVED_MS = 600_000;

/** The overview in four sentences. `now` is the time of the page. */
export const sentencesOf = (overview: OverviewView, now: number): readonly Sentence[] => [
  waiting(overview, now),
  late(overview, now),
  stuck(overview, now),
  today(overview),
];

/** What models have cost today: the language model, and the one of embeddings where it was asked. */
export function modelSentence({ model, embeddings }: Pick<OverviewView, "model" | "embeddings">): string {
  const ofTexts = embeddings ? ` Embeddings have cost ${costOf(embeddings)}.` : "";
  return `${languageModelSentence(model)}${ofTexts}`;
}

/** `3`, or `1,000 or more` where counting ended. */
export const atLeast = ({ count: value, atLeast: isCut }: { readonly count: number; readonly atLeast?: true | undefined }): string =>
  isCut ? `${count(value)} or more` : count(value);

// --- internal ---

const costOf = ({ tokens, usd }: { readonly tokens: number; readonly usd: number }): string =>
  `$${usd.toFixed(2)} today, for ${count(tokens)} tokens (days by UTC)`;

function languageModelSentence({ name, tokens, usd }: OverviewView["model"]): string {
  if (name === undefined)
    return "There is no language model in this workspace: rules and statistics decide, and texts are the authors' own.";
  if (tokens === 0) return `The language model ${name} has not been asked today.`;
  return `The language model ${name} has cost ${costOf({ tokens, usd })}.`;
}

type Counted = OverviewView["dead"];

const link = (text: string, to: string): Piece => ({ text, to });
const some = (amount: Counted, one: string, several?: string): string =>
  amount.atLeast ? `${atLeast(amount)} ${several ?? `${one}s`}` : counted(amount.count, one, several);

/** `a`, `a and b`, `a, b and c`, with the pieces left as they are. */
const joined = (pieces: readonly Piece[]): readonly Piece[] =>
  pieces.flatMap((piece, place) => (place === 0 ? [piece] : [place === pieces.length - 1 ? " and " : ", ", piece]));

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
const be = (amount: number, verb: readonly [one: string, several: string]): string => (amount === 1 ? verb[0] : verb[1]);

function waiting({ queues, approvals }: OverviewView, now: number): Sentence {
  const asks = "What waits for people?";
  const open: Counted = {
    count: sum(queues.map((queue) => queue.open.count)),
    ...(queues.some((queue) => queue.open.atLeast) ? { atLeast: true } : {}),
  };
  const unclaimed = open.count - sum(queues.map(({ claimed }) => claimed));
  const pieces: Piece[] = [];
  if (open.count > 0) pieces.push(link(some(open, "task"), "/tasks"));
  if (approvals.count > 0) pieces.push(link(some(approvals, "approval"), "/approvals"));
  if (pieces.length === 0) return { asks, look: "calm", pieces: ["Nothing waits for people."] };
  const more: Piece[] = [];
  if (unclaimed > 0) more.push(link(unclaimedWords(open, unclaimed, approvals.count > 0), "/tasks?mine=unclaimed"));
  if (approvals.next)
    more.push(
      link(
        `the ${approvals.count === 1 ? "approval" : "next approval"} expires ${relativeTime(Date.parse(approvals.next.expiresAt), now)}`,
        `/approvals/${encodeURIComponent(approvals.next.approvalId)}`,
      ),
    );
  const verb = be(open.count + approvals.count, [" waits", " wait"]);
  return { asks, look: "people", pieces: [...joined(pieces), verb, more.length > 0 ? "; " : "", ...joined(more), "."] };
}

/** Of the open tasks, how many nobody has claimed: `it is unclaimed`, `both are unclaimed`, `2 of them are unclaimed`. */
function unclaimedWords(open: Counted, unclaimed: number, isMixed: boolean): string {
  const [it, them] = isMixed ? ["the task", "the tasks"] : ["it", "them"];
  const isAll = !open.atLeast && unclaimed === open.count;
  if (isAll && unclaimed === 1) return `${it} is unclaimed`;
  if (isAll) return `${unclaimed === 2 ? "both" : "all"}${isMixed ? ` ${unclaimed === 2 ? "tasks" : "of the tasks"}` : ""} are unclaimed`;
  return `${count(unclaimed)} of ${them} ${be(unclaimed, ["is", "are"])} unclaimed`;
}

function late({ queues, promises }: OverviewView, now: number): Sentence {
  const asks = "What is late?";
  const overdue = sum(queues.map((queue) => queue.overdue));
  const pieces: Piece[] = [];
  if (overdue > 0) pieces.push(link(counted(overdue, "task"), "/tasks?overdue=yes"));
  if (promises.overdue.count > 0) pieces.push(link(some(promises.overdue, "promise"), "/promises"));
  if (pieces.length > 0)
    return { asks, look: "late", pieces: [...joined(pieces), be(overdue + promises.overdue.count, [" is", " are"]), " late."] };
  if (!promises.next) return { asks, look: "calm", pieces: ["Nothing is late, and nothing is owed."] };
  const owed = link(some(promises.open, "promise"), "/promises");
  return {
    ...{ asks, look: "calm" },
    pieces: [
      "Nothing is late. ",
      owed,
      ` ${be(promises.open.count, ["is", "are"])} owed, the next ${relativeTime(Date.parse(promises.next.due), now)}.`,
    ],
  };
}

function stuck({ waiting: { signals, oldestSignal, timers, oldestTimer }, dead, deliveries, calls }: OverviewView, now: number): Sentence {
  const asks = "What is stuck?";
  const isOld = (at: string | undefined, ms: number): at is string => at !== undefined && now - Date.parse(at) > ms;
  const pieces: Piece[] = [];
  const since = (at: string): string => relativeTime(Date.parse(at), now).replace(/ ago$/, "");
  if (isOld(oldestSignal, PROMPT_MS))
    pieces.push(link(`${some(signals, "signal")} not decided, the oldest for ${since(oldestSignal)}`, "/health"));
  if (isOld(oldestTimer, PROMPT_MS))
    pieces.push(link(`${some(timers, "timer")} not fired, the oldest for ${since(oldestTimer)}`, "/health"));
  if (dead.count > 0) pieces.push(link(some(dead, "dead letter"), "/health"));
  const inState = (status: string): number => sum(deliveries.states.filter((one) => one.status === status).map((one) => one.count));
  if (isOld(deliveries.oldestOpen, RESERVED_MS))
    pieces.push(
      link(
        `${counted(inState("reserved") + inState("sending"), "message")} not handed over, the oldest for ${since(deliveries.oldestOpen)}`,
        "/health",
      ),
    );
  for (const [status, words] of [
    ["uncertain", ["of which nobody knows whether it went out", "of which nobody knows whether they went out"]],
    ["failed", ["that failed", "that failed"]],
  ] as const) {
    const channels = deliveries.states.filter((one) => one.status === status).map(({ channel }) => channel);
    if (channels.length > 0)
      pieces.push(
        link(`${counted(inState(status), "message")} ${be(inState(status), words)} (${listed(channels)})`, `/health?status=${status}`),
      );
  }
  const uncertain = sum(calls.states.filter(({ status }) => status === "uncertain").map((one) => one.count));
  if (uncertain > 0) pieces.push(link(`${counted(uncertain, "call")} with an unknown outcome`, "/health"));
  if (pieces.length === 0) return { asks, look: "calm", pieces: ["Nothing is stuck."] };
  return { asks, look: "stuck", pieces: [...joined(pieces), "."] };
}

function usualWords(usual: NonNullable<OverviewView["usual"]>): string {
  const { decisions, delivered, outcomes, days } = usual;
  const of = days === 1 ? "yesterday" : `the median of ${days} days`;
  if (decisions + delivered + outcomes === 0) return `By this time there is usually nothing (${of}).`;
  return `By this time it is usually ${dayWords(usual)} (${of}).`;
}

/** A day in figures: `about 30 decisions, 50 % of them silent, 10 messages and 4 outcomes`. */
function dayWords({ decisions, silent, delivered, outcomes, about }: Day): string {
  const shared = decisions === 0 ? "" : `, ${share(silent / decisions)} of them silent`;
  return `${about ? "about " : ""}${counted(decisions, "decision")}${shared}, ${counted(delivered, "message")} and ${counted(outcomes, "outcome")}`;
}

interface Day {
  readonly decisions: number;
  readonly silent: number;
  readonly delivered: number;
  readonly outcomes: number;
  readonly about?: true | undefined;
}

function today({ today: now, usual, zone }: OverviewView): Sentence {
  const asks = "How is today?";
  const told = dayWords(now);
  const compared = usual ? ` ${usualWords(usual)}` : " There is no earlier day to compare with.";
  return {
    asks,
    look: "calm",
    pieces: [
      link(told.charAt(0).toUpperCase() + told.slice(1), `/decisions?from=${encodeURIComponent(now.from)}`),
      ` since midnight (${zone}).`,
      compared,
    ],
  };
}
