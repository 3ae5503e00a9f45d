import { z } from "zod";
import { ACTIONS } from "../domain/entities/decision.ts";
import { encodeFeatures, type FeatureValue } from "../domain/learning/features.ts";
import { isObject, parseGuarded, type TextLimits } from "../domain/values/json.ts";
import type { IdPlaces } from "../domain/values/json-numbers.ts";
import { type LoggedDecision, type Probabilities, wrongProbabilities } from "./log.ts";

/** A row of a log whose reward may arrive separately, matched by one of the keys. */
export interface LogRow extends Omit<LoggedDecision, "reward"> {
  readonly reward?: number;
  /** The decision's id and those of its deliveries. */
  readonly keys: readonly string[];
  /** It gave what an earlier decision had given: that one counts for both. */
  readonly isAgain?: true;
}

export interface RewardRow {
  readonly key: string;
  readonly reward: number;
}

export type ReadRow<T> = { readonly ok: true; readonly row: T } | { readonly ok: false; readonly problem: string };

/** Parses a row `{context, action, probability, reward}`, or a decision as printed, with a `reward` added. */
export function readLogRow(text: string): ReadRow<LogRow> {
  const read = parseGuarded(text, ROW_LIMITS, ROW_IDS);
  if (!read.ok) return read;
  const isDecision = isObject(read.value) && "candidates" in read.value;
  return isDecision ? readDecision(read.value) : parsed(PlainRow, read.value, fromPlain);
}

/** Parses a decision with its deliveries and, where it is known, its reward. */
export const readDecision = (decision: unknown): ReadRow<LogRow> => parsed(DecisionRow, decision, fromDecision);

/** Parses a reward for a decision or a delivery: `{decisionId, reward}` or `{deliveryId, reward}`. */
export function readRewardRow(text: string): ReadRow<RewardRow> {
  const read = parseGuarded(text, ROW_LIMITS, ROW_IDS);
  if (!read.ok) return read;
  return parsed(Reward, read.value, ({ decisionId, deliveryId, reward }) => ({ key: decisionId ?? deliveryId ?? "", reward }));
}

/** Parses a policy's probabilities in one decision: `{"a": 0.7, "b": 0.3}`, or `"a"` for certainty. */
export function readPolicyRow(text: string): ReadRow<Probabilities> {
  const read = parseGuarded(text, ROW_LIMITS);
  if (!read.ok) return read;
  return parsed(PolicyRow, read.value, (given) => (typeof given === "string" ? new Map([[given, 1]]) : new Map(Object.entries(given))));
}

/**
 * Name of a decision's action: `quote@email` for a delivery, `quote@email/story` for one of several variants, otherwise the kind and its
 * object, as in `defer quote@email`.
 */
export function actionName({
  action,
  experienceId,
  channel,
  variant,
}: Pick<DecisionRow, "action" | "experienceId" | "channel" | "variant">) {
  const way = variant === undefined ? channel : `${channel}/${variant}`;
  const what = experienceId === undefined ? "" : way === undefined ? experienceId : `${experienceId}@${way}`;
  if (what === "") return action;
  return action === "deliver" ? what : `${action} ${what}`;
}

/** A decision with many candidates takes some tens of kilobytes. */
export const ROW_LIMITS: TextLimits = { maxBytes: 1024 * 1024, maxDepth: 64 };

// --- internal ---

/** Places of ids and action names in rows: whole numbers of any size become their digits as text there. */
const ROW_IDS: IdPlaces = [["decisionId"], ["customerId"], ["deliveryId"], ["action"], ["choices", "*"], ["deliveries", "*", "deliveryId"]];

const named = z.union([z.string().min(1), z.number().transform(String)]);
const probability = z.number().refine((value) => value > 0 && value <= 1, { error: "expected a number above 0 and at most 1" });
/** Far beyond any currency, and far from overflow when squared. */
const reward = z.number().min(-1e12).max(1e12);
const context = z.record(z.string(), z.unknown()).optional();

const PlainRow = z
  .object({
    context,
    action: named,
    probability,
    reward: reward.optional(),
    choices: z.array(named).min(1).optional(),
    customerId: named.optional(),
    decisionId: z.string().optional(),
  })
  .refine(({ action, choices }) => choices === undefined || choices.includes(action), {
    path: ["choices"],
    error: "the action is not among them",
  });

const DecisionRow = z.object({
  decisionId: z.string(),
  customerId: z.string(),
  action: z.enum(ACTIONS),
  experienceId: z.string().optional(),
  channel: z.string().optional(),
  variant: z.string().optional(),
  probability,
  again: z.literal(true).optional(),
  reward: reward.optional(),
  context,
  wake: z.object({ type: z.string().optional(), name: z.string().optional() }).optional(),
  moments: z.array(z.object({ name: z.string() })),
  candidates: z.array(
    z.object({
      experienceId: z.string(),
      channel: z.string().optional(),
      variant: z.string().optional(),
      channels: z.array(z.object({ channel: z.string(), variant: z.string().optional() })).optional(),
      verdict: z.string(),
      reasons: z.array(z.object({ code: z.string() })),
    }),
  ),
  deliveries: z.array(z.object({ deliveryId: z.string() })),
});
type DecisionRow = z.infer<typeof DecisionRow>;

const Reward = z
  .object({ decisionId: z.string().optional(), deliveryId: z.string().optional(), reward })
  .refine(({ decisionId, deliveryId }) => (decisionId === undefined) !== (deliveryId === undefined), {
    error: "expected a decisionId or a deliveryId",
  });

const PolicyRow = z
  .union([z.string(), z.record(z.string(), z.number())], { error: 'expected {"action": probability, …} or "action"' })
  .check(({ value, issues }) => {
    const wrong = typeof value === "string" ? undefined : wrongProbabilities(new Map(Object.entries(value)));
    if (wrong !== undefined) issues.push({ code: "custom", message: wrong, input: value });
  });

function parsed<T, R>(schema: z.ZodType<T>, value: unknown, make: (value: T) => R): ReadRow<R> {
  const read = schema.safeParse(value);
  if (read.success) return { ok: true, row: make(read.data) };
  const problems = read.error.issues.map(({ path, message }) => (path.length > 0 ? `${path.join(".")}: ${message}` : message));
  return { ok: false, problem: problems.join("; ") };
}

const fromPlain = ({ context = {}, action, probability, reward, choices, customerId, decisionId }: z.infer<typeof PlainRow>): LogRow => ({
  features: encodeFeatures(leavesOf(context)),
  action,
  probability,
  keys: decisionId === undefined ? [] : [decisionId],
  ...(reward === undefined ? {} : { reward }),
  ...(choices === undefined ? {} : { choices: [...new Set(choices)] }),
  ...(customerId === undefined ? {} : { customer: customerId }),
});

function fromDecision(decision: DecisionRow): LogRow {
  const { decisionId, customerId, probability, again, reward, deliveries } = decision;
  return {
    features: encodeFeatures(leavesOf(decision.context ?? contextOf(decision))),
    action: actionName(decision),
    probability,
    choices: choicesOf(decision),
    customer: customerId,
    keys: [decisionId, ...deliveries.map(({ deliveryId }) => deliveryId)],
    ...(again ? { isAgain: again } : {}),
    ...(reward === undefined ? {} : { reward }),
  };
}

/** Context available in every record: the open moments and the wake. */
const contextOf = ({ moments, wake }: DecisionRow) => ({
  moment: moments.map(({ name }) => name),
  wake: wake?.type ?? wake?.name,
});

/**
 * The chosen action, and the candidates that lost by priority alone, each on its channel; where there are variants, in each that could go
 * on that channel.
 */
function choicesOf(decision: DecisionRow): string[] {
  const { action, experienceId } = decision;
  const chosen = decision.candidates.find(({ verdict }) => verdict === "chosen");
  const siblings = chosen && experienceId !== undefined ? waysOf({ ...chosen, channel: decision.channel }) : [];
  const own = siblings.map((way) => actionName({ action, experienceId, ...way }));
  const rivals = decision.candidates
    .filter(isRival)
    .flatMap((rival) => waysOf(rival).map((way) => actionName({ action: "deliver", experienceId: rival.experienceId, ...way })));
  return [...new Set([actionName(decision), ...own, ...rivals])].sort();
}

type Way = Pick<DecisionRow, "channel" | "variant">;

/** A candidate's channel, in every variant that could go. */
const waysOf = ({ channel, variant, channels = [] }: DecisionRow["candidates"][number]): readonly Way[] =>
  variant === undefined ? [{ channel }] : channels.filter((one) => one.channel === channel && one.variant !== undefined);

const isRival = ({ verdict, reasons }: DecisionRow["candidates"][number]): boolean =>
  verdict === "eligible" && reasons.every(({ code }) => code === "lower_priority");

/** Every value of a context with its path. */
function leavesOf(context: Readonly<Record<string, unknown>>, under = ""): FeatureValue[] {
  return Object.entries(context).flatMap(([name, value]): FeatureValue[] => {
    const path = under === "" ? name : `${under}.${name}`;
    return isObject(value) ? leavesOf(value, path) : [[path, value]];
  });
}
