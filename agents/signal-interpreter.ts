import { apply, type Draft } from "../domain/entities/change.ts";
import { type Customer, newCustomer, type Origin } from "../domain/entities/customer.ts";
import { countOmitted, latestOmitted } from "../domain/entities/omitted-traits.ts";
import type { Policy } from "../domain/entities/policy.ts";
import type { IdentityClaim, Signal } from "../domain/entities/signal.ts";
import { customerOf } from "../domain/entities/wake.ts";
import { readConsent } from "../domain/identity/consent.ts";
import { interpret } from "../domain/moments/interpret.ts";
import { MERGED, merge } from "../domain/record/merge.ts";
import { cutShort } from "../domain/values/cut.ts";
import { getCustomer } from "../tools/get-customer.ts";
import { type AgentContext, defineAgent } from "./agent.ts";
import { isReadFor, spokenIn } from "./message-reading.ts";
import type { WakeRun } from "./wake-run.ts";

export const signalInterpreter = defineAgent({
  name: "signal-interpreter",
  purpose: "Says what a signal means for its customer: news for the record, moments that open or end, promises made or kept.",
  tools: [getCustomer.name],
  steps: {
    /** wake → the current record, with the moments it opened and ended */
    async interpret({ runs }, context: AgentContext) {
      await Promise.all([...runs.values()].map((one) => interpretRun(one, context)));
    },
  },
});

// --- internal ---

async function interpretRun(one: WakeRun, context: AgentContext): Promise<void> {
  const { model, embeddings, call, isTaken, isErased, refusalsOf } = context;
  const { wake, now } = one;
  const customerId = customerOf(wake);
  const policy = context.policyFor(customerId, now);
  const before = (await call(getCustomer, { customerId })) ?? newCustomer(customerId, originOf(one));
  one.before = before;
  const isRead = wake.kind === "signal" && isReadFor(wake.signal, policy);
  const spoken = isRead ? await spokenIn(wake.signal, before, one, { policy, model, embeddings }) : undefined;
  const taken = (identity: IdentityClaim) => isTaken(identity, customerId);
  one.interpreted = interpret(before, wake, { policy, now, taken, isErased, refusalsOf, ...(spoken ? { spoken } : {}) });
  noteShared(one, one.interpreted);
  if (wake.kind === "signal") noteConsent(one, wake.signal, policy.channels);
  if (wake.kind === "signal") noteCase(one, wake.signal, before);
  noteLeftOut(one, before);
  if (wake.kind === "signal" && wake.signal.type === MERGED) await mergeRun(one, wake.signal, one.interpreted, context);
}

/**
 * An identity that already belongs to another customer: the run reports that it is kept as an address and finds the other one.
 */
function noteShared({ steps }: WakeRun, { changes }: Draft): void {
  const types = changes.flatMap((change) => (change.type === "identity_added" && !change.identity.owned ? [change.identity.type] : []));
  if (types.length === 0) return;
  const shared = `${[...new Set(types)].join(", ")}: names another customer already; kept as an address, and finds the other one`;
  steps.push({ agent: signalInterpreter.name, ms: 0, shared });
}

/** A denial or revocation for an unknown channel: the run reports that it is kept. */
function noteConsent(one: WakeRun, { type, data }: Signal, channels: Policy["channels"]): void {
  const said = type === "customer.consent" ? readConsent(data, channels) : undefined;
  if (said === undefined || "problem" in said || said.unknown.length === 0) return;
  const consent = `kept by its name: there is no channel ${said.unknown.join(", ")}`;
  one.steps.push({ agent: signalInterpreter.name, ms: 0, consent });
}

/** A case that is not open: the run reports it with those that are, as another spelling of an id closes nothing. */
function noteCase({ steps }: WakeRun, { type, data }: Signal, { openCases }: Customer): void {
  const caseId = String(data.caseId ?? "");
  if (type !== "case.closed" || openCases.includes(caseId)) return;
  const open = openCases.length === 0 ? "none is" : `open: ${openCases.slice(0, MAX_CASES).join(", ")}`;
  steps.push({ agent: signalInterpreter.name, ms: 0, case: `nothing to close: no case ${cutShort(caseId, 60)} is open (${open})` });
}

const MAX_CASES = 20;

/** Traits beyond the record's limits. */
function noteLeftOut(one: WakeRun, before: Customer): void {
  const leftOut = one.interpreted?.customer.leftOut;
  const count = countOmitted(before.leftOut, leftOut);
  if (count > 0) one.steps.push({ agent: signalInterpreter.name, ms: 0, leftOut: { count, paths: latestOmitted(leftOut, count) } });
}

/** Merges two customers where the source is trusted; otherwise the run says why not. */
async function mergeRun(one: WakeRun, signal: Signal, draft: Draft, { call, mayMerge }: AgentContext): Promise<void> {
  const { into: id } = signal.data;
  const note = (merge: string) => one.steps.push({ agent: signalInterpreter.name, ms: 0, merge });
  if (typeof id !== "string" || id === "" || id.length > 512) return void note("refused: data.into names no customer");
  if (!mayMerge(signal.source)) return void note(`refused: ${signal.source} is not in record.mergeFrom`);
  const into = (await call(getCustomer, { customerId: id })) ?? newCustomer(id, originOf(one));
  if (into.customerId === draft.customer.customerId) return void note(`nothing to do: ${id} is ${into.customerId} already`);
  const both = merge(signal, draft.customer, into, one.now);
  one.interpreted = apply(draft, both.from);
  one.into = { before: into, draft: apply({ customer: into, changes: [] }, both.into) };
  note(`merged into ${into.customerId}`);
}

/** A new customer: the record keeps which signal created it. */
function originOf({ wake, now }: WakeRun): Origin {
  return wake.kind === "signal" ? { kind: "signal", at: now, source: wake.signal.source, id: wake.signal.id } : { kind: "import", at: now };
}
