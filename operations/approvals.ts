import { type ActionOutput, type MessagePreview, previewMessage, previewWake } from "../domain/deciding/preview.ts";
import { wordsOf } from "../domain/entities/content-words.ts";
import type { Customer } from "../domain/entities/customer.ts";
import { type Experience, experienceOf, type Policy } from "../domain/entities/policy.ts";
import { SentientError } from "../domain/errors.ts";
import { cutShort } from "../domain/values/cut.ts";
import type { JsonObject } from "../domain/values/json.ts";
import { type Instant, iso } from "../domain/values/time.ts";
import type { ApprovalPlace, KeptApproval, Store } from "../store/store.ts";
import { auditOf, lookUp, momentToAct, type OperationDeps, only, operate, storeTime, timeAs, wakeAt } from "./deps.ts";
import { type RenderedMessage, renderMessage } from "./experiences.ts";
import { type PageFrom, pagedList, withNow } from "./monitoring/paged-list.ts";
import type { Actor, ApprovalOptions, ApprovalView, Operations, Outcome } from "./operation.ts";

export interface PreviewDeps {
  readonly store: Pick<Store, "customers">;
  readonly policy: Policy;
  /** Outputs that actions would give back; without it they are left out of the texts. */
  readonly outputOf?: ActionOutput | undefined;
}

/** An approval with the message that it is about. */
export type ShownApproval = ApprovalView & Partial<Omit<RenderedMessage, "moment" | keyof ApprovalView>>;

/** Name of the timer that wakes a customer after a human's answer. */
const APPROVAL = "approval";

export function approvalOperations(deps: OperationDeps): Operations["approvals"] {
  return {
    list: pagedList(deps.store, "approvals", {
      async read(options: ApprovalOptions, page) {
        const { at: now } = await storeTime(deps);
        return withNow(await deps.store.operations.approvals({ ...options, now, page: page as PageFrom<ApprovalPlace> }), now);
      },
      place: ({ one: { approvalId, askedAt } }): ApprovalPlace => ({ approvalId, askedAt }),
      async show(rows) {
        const [first] = rows;
        if (first === undefined) return [];
        const approvals = rows.map(({ one }) => one);
        const subjects = await subjectsOf(approvals, deps, first.at);
        return approvals.map((approval) => ({ ...viewOf(approval), ...subjects.get(approval.approvalId) }));
      },
    }),
    approve: ({ id }, actor) => answer(id, "approved", actor, deps),
    reject: ({ id }, actor) => answer(id, "rejected", actor, deps),
  };
}

/**
 * An approval with what it is about: the text as it would go now, its facts, action and amount. One that is over has no text.
 *
 * @throws `NOT_FOUND`; `BAD_INPUT` when a prefix is ambiguous
 */
export async function showApproval(
  id: string,
  { store, policy, outputOf }: PreviewDeps & { readonly store: Store; readonly outputOf: ActionOutput },
  now: Instant,
): Promise<ShownApproval> {
  const approval = await findIn(store, id, now);
  const experience = experienceOf(policy, approval.experienceId);
  const view = viewOf(approval);
  if (!isOpen(approval, now)) return view;
  if (!experience) return { ...view, notes: [`the catalogue no longer has ${approval.experienceId}: nothing would go`] };
  const asked = { id: experience.id, customer: approval.customerId, ...wayOf(experience, approval) };
  const { moment: _moment, ...rendered } = await renderMessage(asked, { store, policy, outputOf }, now);
  const { channel, variant } = rendered;
  return {
    ...rendered,
    ...view,
    channel,
    ...(variant === undefined ? {} : { variant }),
    amount: amountOf(experience, rendered.action?.input),
  };
}

// --- internal ---

/** While the moment is open an approval may still be rejected; a rejection is final. */
const FROM = { approved: ["pending"], rejected: ["pending", "approved"] } as const;

async function answer(id: string, state: "approved" | "rejected", actor: Actor, deps: OperationDeps): Promise<Outcome<ApprovalView>> {
  const at = await momentToAct(deps);
  const known = await find(id, at, deps);
  if (known.state === state) return { ...viewOf(known), changed: false };
  refuseIfOver(known, state, at);
  const { approvalId, customerId, experienceId, channel, variant } = known;
  const read = { ...(channel === undefined ? {} : { channel }), ...(variant === undefined ? {} : { variant }) };
  const action = `approval.${state}`;
  const changed = await operate(deps, customerId, at, () => [wakeAt(APPROVAL, at)], {
    operation: {
      audit: auditOf(deps, actor, { action, target: approvalId, customerId, details: { experienceId } }),
      answer: { approvalId, from: FROM[state], state, ...actor, at, ...read },
    },
  });
  const after = await find(approvalId, at, deps);
  if (after.state !== state) refuseIfOver(after, state, at);
  return { ...viewOf(after), changed, ...(changed ? { wakes: customerId } : {}) };
}

const find = (id: string, now: Instant, { store }: OperationDeps): Promise<KeptApproval> => findIn(store, id, now);

async function findIn(store: Store, id: string, now: Instant): Promise<KeptApproval> {
  return only("approval", id, (await store.operations.approvals({ ...lookUp(id), now })).rows, ({ approvalId }) => approvalId);
}

function refuseIfOver(known: KeptApproval, wanted: "approved" | "rejected", now: Instant): void {
  const { approvalId, state, moment, momentEnded, expiresAt, answeredAt, answeredBy } = known;
  const when = answeredAt === undefined ? "" : ` at ${iso(answeredAt)}`;
  if (momentEnded !== undefined || expiresAt <= now || state === "lapsed") {
    const how = momentEnded === "served" ? "was served" : momentEnded === "withdrawn" ? "was withdrawn" : `expired at ${iso(expiresAt)}`;
    throw new SentientError("CONFLICT", `approval ${approvalId} cannot be answered any more: its moment ${moment} ${how}`);
  }
  if (!(FROM[wanted] as readonly string[]).includes(state))
    throw new SentientError("CONFLICT", `approval ${approvalId} was ${state} by ${answeredBy}${when}; that holds while ${moment} is open`);
}

function viewOf({ momentId: _id, momentEnded: _ended, expiresAt, askedAt, answeredAt, ...approval }: KeptApproval): ApprovalView {
  return { ...approval, expiresAt: iso(expiresAt), askedAt: iso(askedAt), ...timeAs("answeredAt", answeredAt) };
}

/** The subject of an approval, in short. */
interface ApprovalSubject {
  /** The amount of the action, or else the value of the experience. */
  readonly amount?: number;
  /** The beginning of the text as it would go. */
  readonly text?: string;
}

/** Whether it can still be answered, so that its message may still go. */
const isOpen = ({ state, momentEnded, expiresAt }: KeptApproval, now: Instant): boolean =>
  state !== "lapsed" && state !== "rejected" && momentEnded === undefined && expiresAt > now;

/** The subjects of approvals by id, from each customer's record now; what is over has none. All customers are loaded at once. */
async function subjectsOf(approvals: readonly KeptApproval[], deps: PreviewDeps, now: Instant): Promise<Map<string, ApprovalSubject>> {
  const open = approvals.filter((approval) => isOpen(approval, now));
  if (open.length === 0) return new Map();
  const { store, policy } = deps;
  const ids = [...new Set(open.map(({ customerId }) => customerId))];
  const customers = await store.customers.load(ids, policy, now);
  return new Map(
    open.flatMap((approval) => {
      const experience = experienceOf(policy, approval.experienceId);
      const customer = customers.get(approval.customerId);
      if (!experience || !customer) return [];
      const { content, action } = preview(experience, approval, customer, deps, now);
      const text = content && beginningOf(content);
      return [[approval.approvalId, { amount: amountOf(experience, action?.input), ...(text === undefined ? {} : { text }) }] as const];
    }),
  );
}

/** The action's amount where it has one, or else the value of the experience. */
function amountOf({ value }: Pick<Experience, "value">, input: JsonObject | undefined): number {
  const given = input?.amount;
  const amount = typeof given === "number" ? given : typeof given === "string" && given.trim() !== "" ? Number(given) : Number.NaN;
  return Number.isFinite(amount) ? amount : value;
}

/** The channel and the variant that were drawn, where the experience still has them. */
function wayOf({ routes }: Pick<Experience, "routes">, { channel, variant }: Pick<KeptApproval, "channel" | "variant">) {
  const own = routes.filter((route) => route.channel === channel);
  return {
    channel: own.length > 0 ? channel : undefined,
    variant: own.some((route) => route.variant === variant) ? variant : undefined,
  };
}

const MAX_TEXT = 100;

function preview(
  experience: Experience,
  approval: KeptApproval,
  customer: Customer,
  { policy, outputOf = () => undefined }: PreviewDeps,
  now: Instant,
): MessagePreview {
  const wake = previewWake(customer.customerId, now);
  return previewMessage(customer, wake, { experience, ...wayOf(experience, approval) }, { policy, now, outputOf });
}

/** The words of the message; of one without any, its values as JSON. */
function beginningOf(content: JsonObject): string {
  const told = wordsOf(content);
  return cutShort(told !== undefined ? told.replaceAll(/\s+/g, " ").trim() : JSON.stringify(content), MAX_TEXT);
}
