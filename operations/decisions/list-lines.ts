import { randomUUID } from "node:crypto";
import type { Decision, DecisionAction, ReasonCode } from "../../domain/entities/decision.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { SentientError } from "../../domain/errors.ts";
import { openCursor, sealCursor } from "../../domain/values/cursor.ts";
import { DAY, type Instant, iso, parseInstant } from "../../domain/values/time.ts";
import { type DecisionRow, OUT_OF_ORDER } from "../../store/reading/decision-lines.ts";
import type { Store } from "../../store/store.ts";
import { cursorKey } from "../deps.ts";
import { type DecisionLinesView, lineOf, worstOf } from "./views.ts";

/** Filters of the lines of decisions, newest first. */
export interface LinesRequest {
  readonly view: "line";
  readonly limit: number;
  readonly customerId?: string | undefined;
  readonly action?: DecisionAction | undefined;
  /** The outcome: sent, waiting, or withheld. */
  readonly experience?: string | undefined;
  readonly department?: string | undefined;
  readonly channel?: string | undefined;
  /** A code among the reasons of the decision or of a candidate. */
  readonly reason?: ReasonCode | undefined;
  readonly moment?: string | undefined;
  /** A version of the policy, or the beginning of one. */
  readonly policy?: string | undefined;
  /** Only those that wait for approval, went to a human channel, or whose message failed or is uncertain. */
  readonly needs?: "person" | undefined;
  /** Only those with a probability below 1. */
  readonly drawn?: "true" | undefined;
  /** Default: seven days before the latest decision. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly cursor?: string | undefined;
}

/** The most rows that one request reads. */
export const READ_AT_MOST = 5_000;
/** Rows at once: on the embedded engine a decision waits no longer than for these. */
const CHUNK = 250;
const DEFAULT_SPAN = 7 * DAY;

/** Decisions newest first, a line each. A filter that finds little reads so many rows and says how far it came. */
export async function listLines(request: LinesRequest, store: Store, policy: Policy): Promise<DecisionLinesView> {
  const { limit, cursor, view: _, ...filter } = request;
  const sealed = { list: "decisions", ...withoutUndefined(filter) };
  const key = await cursorKey(store, randomUUID);
  const start =
    cursor === undefined ? await startOf(request, store) : (openCursor(key, sealed, cursor) as { from: Instant; place: number }); // sealed below
  const { found, reached } = await find(request, { ...start, limit }, store, policy);
  const statuses = await store.decisionLines.statuses(found.map(({ record }) => record.decisionId));
  const departments = new Map(policy.experiences.map(({ id, department }) => [id, department]));
  return {
    decisions: found.map(({ record, lapsedCode }) =>
      lineOf(record, {
        department: record.experienceId === undefined ? undefined : departments.get(record.experienceId),
        statuses: statuses.get(record.decisionId),
        lapsed: lapsedCode,
      }),
    ),
    ...(reached === undefined ? {} : { next: sealCursor(key, sealed, { from: start.from, place: reached.seq }) }),
    searched: {
      from: iso(reached === undefined ? start.from : Math.max(reached.decidedAt, start.from)),
      ...(request.to === undefined ? {} : { to: iso(instantIn("to", request.to)) }),
      whole: reached === undefined,
    },
  };
}

// --- internal ---

interface Start {
  readonly from: Instant;
  readonly place?: number | undefined;
}

/** A row whose record was read. */
type Found = DecisionRow & Required<Pick<DecisionRow, "record">>;

/** The window of a request, and the place at its end. */
async function startOf({ from, to, customerId }: LinesRequest, store: Store): Promise<Start> {
  const end = to === undefined ? undefined : instantIn("to", to);
  const place = end === undefined ? undefined : await store.decisionLines.placeOf(end);
  const begin = from === undefined ? await defaultFrom(end, customerId, store) : instantIn("from", from);
  if (end !== undefined && begin >= end)
    throw new SentientError("BAD_INPUT", `from ${iso(begin)} is not before to ${iso(end)}; swap them, or leave one out`);
  return { from: begin, place };
}

/** Seven days before the end, or before the latest decision: a store that is at rest, or replays the past, is not empty. */
async function defaultFrom(end: Instant | undefined, customerId: string | undefined, store: Store): Promise<Instant> {
  if (end !== undefined) return end - DEFAULT_SPAN;
  const [latest] = await store.decisionLines.before(undefined, { customerId, from: 0 }, 1);
  return (latest?.decidedAt ?? DEFAULT_SPAN) - DEFAULT_SPAN;
}

interface Search {
  readonly found: readonly Found[];
  /** The last row that was read, where there may be more in the window. */
  readonly reached?: DecisionRow;
}

async function find(
  request: LinesRequest,
  { from, place, limit }: Start & { readonly limit: number },
  store: Store,
  policy: Policy,
): Promise<Search> {
  const columns = { ...columnsOf(request, policy), from };
  const found: Found[] = [];
  let last: DecisionRow | undefined;
  let chunk = Math.min(limit, CHUNK);
  for (let read = 0; read < READ_AT_MOST; read += chunk) {
    if (read > 0) chunk = Math.min(CHUNK, READ_AT_MOST - read);
    const rows = await store.decisionLines.before(last?.seq ?? place, columns, chunk);
    // Rows are in the order of writing: one that is too old by this much has none after it that is not.
    const end = rows.findIndex(({ decidedAt }) => decidedAt < from - OUT_OF_ORDER);
    const inWindow = end < 0 ? rows : rows.slice(0, end);
    const fitting = await wantedOf(inWindow, request, store, policy);
    found.push(...fitting.slice(0, limit - found.length));
    if (found.length === limit) return { found, reached: found[limit - 1] as Found };
    if (inWindow.length < chunk) return { found };
    last = rows.at(-1);
  }
  return last === undefined ? { found } : { found, reached: last };
}

function columnsOf({ customerId, action, experience, department, channel, to }: LinesRequest, policy: Policy) {
  const ofDepartment =
    department === undefined ? undefined : policy.experiences.filter((one) => one.department === department).map(({ id }) => id);
  const experienceIds = experience === undefined ? ofDepartment : [experience].filter((id) => ofDepartment?.includes(id) ?? true);
  return { customerId, action, channel, experienceIds, to: to === undefined ? undefined : instantIn("to", to) };
}

/** Rows that have all that is asked for. */
async function wantedOf(rows: readonly DecisionRow[], request: LinesRequest, store: Store, policy: Policy): Promise<readonly Found[]> {
  const wanted = rows.filter((row): row is Found => isWanted(row, request));
  return request.needs === undefined ? wanted : needingPeople(wanted, store, policy);
}

/** Rows that wait for approval, went to a human channel, or whose message failed or is uncertain. */
async function needingPeople(rows: readonly Found[], { decisionLines }: Store, policy: Policy): Promise<readonly Found[]> {
  const isForPeople = ({ record: { action, channel } }: Found): boolean =>
    action === "await_approval" || (action === "deliver" && channel !== undefined && policy.channels[channel]?.makesTask === true);
  const sent = rows.filter((row) => row.record.action === "deliver" && !isForPeople(row)).map(({ record }) => record.decisionId);
  const statuses = sent.length === 0 ? new Map<string, readonly string[]>() : await decisionLines.statuses(sent);
  const isInTrouble = ({ record: { decisionId } }: Found): boolean => {
    const found = statuses.get(decisionId);
    return found !== undefined && ["failed", "uncertain"].includes(worstOf(found));
  };
  return rows.filter((row) => isForPeople(row) || isInTrouble(row));
}

/** Whether a row whose columns fit also has the reason, the moment, the policy and the chance that are asked for. */
function isWanted(row: DecisionRow, { reason, moment, policy, drawn }: LinesRequest): row is Found {
  const { record } = row;
  if (record === undefined) return false;
  const has = (wanted: string | undefined, test: (text: string) => boolean): boolean => wanted === undefined || test(wanted);
  return (
    has(moment, (name) => record.moments.some((one) => one.name === name)) &&
    has(policy, (version) => record.policyVersion.startsWith(version)) &&
    has(reason, (code) => codesOf(record).includes(code)) &&
    (drawn === undefined || record.probability < 1)
  );
}

const codesOf = ({ reasons, candidates, others = [] }: Pick<Decision, "reasons" | "candidates" | "others">): readonly string[] => [
  ...reasons.map(({ code }) => code),
  ...others.map(({ code }) => code),
  ...candidates.flatMap((candidate) => candidate.reasons.map(({ code }) => code)),
];

function instantIn(name: string, text: string): Instant {
  const at = parseInstant(text);
  if (at === undefined)
    throw new SentientError("BAD_INPUT", `${name} "${text}" is no time; expected ISO 8601 with a zone, like 2026-06-01T12:00:00Z`);
  return at;
}

const withoutUndefined = (filter: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined));
