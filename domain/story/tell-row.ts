import type { Decision, ReasonCode } from "../entities/decision.ts";
import { REASON_CODES } from "../entities/decision.ts";
import type { Policy } from "../entities/policy.ts";
import { channelOf, EVERY_CHANNEL, readConsent } from "../identity/consent.ts";
import { cutShort } from "../values/cut.ts";
import { isObject, type Json, type JsonObject } from "../values/json.ts";
import { iso } from "../values/time.ts";
import type { StoryItem, StoryRef } from "./story-item.ts";
import type { StoryRow, StorySource } from "./story-row.ts";
import { tellDecision, tellDelivery } from "./tell-decision.ts";

/** Tells one row as an item of the story. */
export function tellRow(row: StoryRow, policy: Policy): StoryItem {
  const told = TELL[row.source](row.row, policy);
  return { id: `${row.source} ${row.id}`, at: iso(row.at), ...told, title: cutShort(told.title, MAX_TITLE) };
}

/** The lane of a department, of an experience or an owner; of everyone's where there is none. */
export const laneOf = (department: unknown, otherwise: "all" | "people" = "all"): Pick<StoryItem, "lane" | "department"> =>
  typeof department === "string" && department !== "" ? { lane: "department", department } : { lane: otherwise };

/** A text of a row under a name; nothing where it has none. */
export function textOf<Name extends string>(name: Name, value: unknown, most = MAX_TEXT): { readonly [N in Name]?: string } {
  return (typeof value === "string" && value !== "" ? { [name]: cutShort(value, most) } : {}) as { readonly [N in Name]?: string }; // the name is what it says
}

// --- internal ---

type Told = Omit<StoryItem, "id" | "at">;

const MAX_TEXT = 280;
const MAX_TITLE = 160;

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const refs = (...all: readonly (readonly [table: string, id: unknown])[]): StoryRef[] =>
  all.flatMap(([table, id]) => (typeof id === "string" && id !== "" ? [{ table, id }] : []));
const due = (at: unknown): Pick<StoryItem, "due"> => (typeof at === "number" ? { due: iso(at) } : {});
const ownerLane = (owner: unknown, { departments }: Policy): Pick<StoryItem, "lane" | "department"> =>
  laneOf(departments.includes(text(owner)) ? owner : undefined, "people");
const CODES: readonly string[] = REASON_CODES;
const reasonIn = (code: unknown): Pick<StoryItem, "reason"> =>
  typeof code === "string" && CODES.includes(code) ? { reason: { code: code as ReasonCode } } : {};

const TELL: Readonly<Record<StorySource, (row: JsonObject, policy: Policy) => Told>> = {
  imports: ({ seq }) => ({
    kind: "import",
    mark: "note",
    lane: "customer",
    title: "record imported",
    refs: refs(["imports", String(seq)]),
  }),
  links: ({ customer_id, into_id }) => ({
    ...{ kind: "merge", mark: "note", lane: "customer", title: `${text(customer_id)} is merged into ${text(into_id)}` },
    refs: refs(["links", customer_id]),
  }),
  signals: tellSignal,
  inbox: (row, policy) => ({
    ...tellSignal(row, policy),
    status: row.discarded === true ? "discarded" : row.dead === true ? "dead letter" : "not decided yet",
  }),
  stage_changes: ({ change_id, from_stage, to_stage }) => ({
    ...{ kind: "stage", mark: "note", lane: "customer", title: stageInWords(text(to_stage), text(from_stage)), status: text(to_stage) },
    refs: refs(["stage_changes", change_id]),
  }),
  asks: ({ source, ask_id, channel, late, gave }) => ({
    ...{ kind: "ask", mark: "said", lane: "customer", title: `asked: ${text(channel)}`, channel: text(channel), ...textOf("by", source) },
    status: late === true ? "answered too late, nothing decided" : gave === true ? "answered" : "answered with nothing",
    refs: [{ table: "asks", id: text(ask_id), source: text(source) }],
  }),
  consents: ({ customer_id, channel, status, source, reason }, policy) => ({
    ...{
      kind: "consent",
      mark: "said",
      lane: "customer",
      title: consentInWords({ channel: channel ?? null, status: status ?? null }, policy),
    },
    ...{ channel: text(channel), status: text(status), ...textOf("by", source), ...textOf("text", reason) },
    refs: [{ table: "consents", id: `${text(customer_id)} ${text(channel)}` }],
  }),
  gone_addresses: ({ customer_id, type, value, source, reason }) => ({
    ...{ kind: "address", mark: "failed", lane: "customer", title: `${text(type)} reaches nobody` },
    ...{ ...textOf("text", `${text(value)}: ${text(reason)}`), ...textOf("by", source) },
    refs: [{ table: "gone_addresses", id: `${text(customer_id)} ${text(type)} ${text(value)}` }],
  }),
  touches: ({ touch_id, kind, department }) => ({
    ...{
      kind: "touch",
      mark: "met",
      lane: "people",
      title: text(kind),
      ...textOf("department", department),
      refs: refs(["touches", touch_id]),
    },
  }),
  cases: ({ case_id, data }) => ({
    ...{ kind: "case", mark: "note", lane: "people", title: "case opened", status: "open" },
    ...textOf("text", isObject(data) ? data.subject : undefined),
    refs: refs(["cases", case_id]),
  }),
  "cases.closed": ({ case_id }) => ({
    ...{ kind: "case", mark: "note", lane: "people", title: "case closed", status: "closed" },
    refs: refs(["cases", case_id]),
  }),
  promises: (row, policy) => ({
    ...{ kind: "promise", mark: "note", ...ownerLane(row.owner, policy), title: `promise: ${text(row.name)}`, by: text(row.owner) },
    status: row.ended === undefined ? (row.overdue === true ? "overdue" : "open") : text(row.ended),
    ...due(row.due),
    ...textOf("text", Array.isArray(row.words) ? row.words.join(" ") : undefined),
    refs: refs(["promises", row.promise_id]),
  }),
  "promises.ended": (row, policy) => ({
    ...{ kind: "promise", mark: "note", ...ownerLane(row.owner, policy), title: `promise ${text(row.ended)}: ${text(row.name)}` },
    ...{ status: text(row.ended), ...textOf("by", row.ended_by), refs: refs(["promises", row.promise_id]) },
  }),
  approvals: ({ approval_id, decision_id, experience_id, reason, state }, policy) => ({
    ...{ kind: "approval", mark: "waits", lane: "people", title: `approval asked: ${nameOf(experience_id, policy)}`, status: text(state) },
    ...textOf("text", reason),
    refs: refs(["approvals", approval_id], ["decisions", decision_id]),
  }),
  "approvals.answered": ({ approval_id, experience_id, state, answered_by, note }, policy) => ({
    ...{ kind: "approval", mark: "note", lane: "people", title: `${text(state)}: ${nameOf(experience_id, policy)}`, status: text(state) },
    ...{ ...textOf("by", answered_by), ...textOf("text", note), refs: refs(["approvals", approval_id]) },
  }),
  decisions: ({ decision_id, run_id, record, lapsed_code }, policy) => ({
    // A record is a decision as it was written.
    ...tellDecision(record as unknown as Decision, policy),
    ...(lapsed_code === undefined ? {} : { status: "lapsed", ...reasonIn(lapsed_code) }),
    refs: refs(["decisions", decision_id], ["runs", run_id]),
  }),
  deliveries: (row) => ({ ...tellDelivery(row), refs: refs(["deliveries", row.delivery_id], ["decisions", row.decision_id]) }),
  tasks: (row) => ({
    ...{ kind: "task", mark: "task", lane: "people", title: text(row.queue), status: text(row.state), ...textOf("text", row.summary) },
    ...{ ...textOf("by", row.claimed_by), ...due(row.due) },
    refs: refs(["tasks", row.task_id], ["deliveries", row.delivery_id], ["promises", row.promise_id]),
  }),
  "tasks.ended": (row) => ({
    ...{ kind: "task", mark: "task", lane: "people", title: `${text(row.queue)}: task ${text(row.state)}`, status: text(row.state) },
    ...{ ...textOf("by", row.ended_by), ...textOf("text", row.note), refs: refs(["tasks", row.task_id]) },
  }),
  offers: ({ code, terms, expires_at }) => ({
    ...{
      kind: "offer",
      mark: "note",
      lane: "customer",
      title: `offer issued: ${termsInWords(terms)}`,
      ...due(expires_at),
      refs: refs(["offers", code]),
    },
  }),
  "offers.redeemed": ({ code, redeemed_by }) => ({
    ...{
      kind: "offer",
      mark: "outcome",
      lane: "customer",
      title: "offer redeemed",
      ...textOf("by", redeemed_by),
      refs: refs(["offers", code]),
    },
  }),
  outcomes: ({ delivery_id, kind, experience_id, channel, department }, policy) => ({
    ...{ kind: "outcome", mark: "outcome", ...laneOf(department), title: `${text(kind)}: ${nameOf(experience_id, policy)}` },
    ...{ channel: text(channel), status: text(kind) },
    refs: [{ table: "outcomes", id: `${text(delivery_id)} ${text(kind)}` }, ...refs(["deliveries", delivery_id])],
  }),
  audit: ({ audit_id, actor, action, target, details }) => ({
    ...{ kind: "operator", mark: "met", lane: "people", title: text(action).replaceAll(".", " "), by: text(actor) },
    ...textOf("text", isObject(details) ? details.note : undefined),
    refs: refs(["audit", String(audit_id)], ["target", target]),
  }),
};

const nameOf = (experienceId: unknown, { experiences }: Policy): string =>
  experiences.find(({ id }) => id === experienceId)?.name ?? text(experienceId);

const TERMS = ["percent", "amount", "price"] as const;
function termsInWords(terms: Json | undefined): string {
  const [first] = TERMS.filter((one) => isObject(terms) && typeof terms[one] === "number");
  if (first === undefined || !isObject(terms)) return "as agreed";
  const lowered = isObject(terms.lowered) ? `, lowered from ${terms.lowered.from} %` : "";
  return first === "percent" ? `${terms.percent} %${lowered}` : `${first} ${terms[first]}${lowered}`;
}

const stageInWords = (to: string, from: string): string =>
  `${to === "" ? "no stage" : `stage ${to}`}${from === "" ? "" : `, ${from} before`}`;

/** A signal by its kind: the customer's words, a contact by a person, or an event. */
function tellSignal({ source, signal_id, type, event }: JsonObject, policy: Policy): Told {
  const data = isObject(event) && isObject(event.data) ? (event.data as JsonObject) : {};
  const ref: StoryRef = { table: "signals", id: text(signal_id), source: text(source) };
  const base: Pick<Told, "refs" | "by" | "lane" | "mark"> = { refs: [ref], ...textOf("by", source), lane: "customer", mark: "said" };
  if (type === "message.received")
    return { ...base, kind: "message", title: "message", ...textOf("channel", data.channel), ...textOf("text", data.text) };
  if (type === "customer.consent")
    return {
      ...{ ...base, kind: "consent", title: consentInWords(data, policy) },
      ...textOf("text", data.reason),
    };
  if (type === "human.touch")
    return {
      ...{ ...base, kind: "touch", mark: "met", lane: "people", title: data.kind === "call" || data.kind === "chat" ? data.kind : "visit" },
      ...{ ...textOf("by", data.by ?? source), ...textOf("text", data.note), ...textOf("department", data.department) },
    };
  return { ...base, kind: "signal", title: text(type), ...textOf("text", data.text ?? inShort(data)) };
}

/** Only what could be read: the rest of a signal is content. */
function consentInWords(data: JsonObject, { channels }: Policy): string {
  const said = readConsent(data, channels);
  if ("problem" in said) return "consent";
  if (said.keys.includes(EVERY_CHANNEL)) return `consent ${said.status}: every channel`;
  const names = said.keys.filter((key) => !said.unknown.includes(key)).map((key) => channelOf(key, channels));
  return `consent ${said.status}${names.length > 0 ? `: ${names.join(", ")}` : ""}`;
}

const MOST_FIELDS = 3;

/** The first fields of a signal's data, of its traits where it has some. */
function inShort(data: JsonObject): string {
  const { identities: _identities, traits, ...rest } = data;
  const fields = Object.entries({ ...rest, ...(isObject(traits) ? (traits as JsonObject) : {}) });
  const shown = fields.slice(0, MOST_FIELDS).map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`);
  return [...shown, ...(fields.length > MOST_FIELDS ? [`and ${fields.length - MOST_FIELDS} more`] : [])].join(" · ");
}
