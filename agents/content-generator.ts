import { withNotes } from "../domain/deciding/facts.ts";
import { routeOfDelivery } from "../domain/deciding/locale.ts";
import type { NewDelivery } from "../domain/entities/change.ts";
import { type Content, type ContentScope, makerOf, type Policy, type Route } from "../domain/entities/policy.ts";
import { customerOf } from "../domain/entities/wake.ts";
import { need } from "../domain/errors.ts";
import { isObject, type JsonObject } from "../domain/values/json.ts";
import { type AgentContext, defineAgent, type ExecutorContext, type LanguageModel } from "./agent.ts";
import { textsIn } from "./text-parts.ts";
import { deliveryOf, going, type OpenDelivery, type Step, stop, type WakeRun } from "./wake-run.ts";
import { worded } from "./wording.ts";

export const contentGenerator = defineAgent({
  name: "content-generator",
  purpose: "Writes what goes out on the chosen channel, from the author's text and the facts that the decision rests on.",
  tools: [],
  steps: {
    /** a decision to deliver → the text for its channel, stating only checked facts */
    async write({ runs }, { policyFor, model }: AgentContext) {
      const written = [...runs.values()].flatMap((one) => writeRun(one, policyFor) ?? []);
      if (model) await Promise.all(written.map((text) => wordRun(text, model)));
    },

    /** texts that report the action's result → written after the action */
    async complete({ deliveries }, context: ExecutorContext) {
      const { policyFor, isOnlyRecorded, keepContents, stopDeliveries } = context;
      const waiting = going(deliveries).filter(({ content }) => content === undefined);
      for (const delivery of waiting) completeDelivery(delivery, policyFor(delivery.customerId, delivery.at), isOnlyRecorded);
      await Promise.all(going(new Map(waiting.map((one) => [one.deliveryId, one]))).map((delivery) => reword(delivery, context)));
      for (const delivery of waiting) if (delivery.content) delivery.content = withNotes(delivery.content, delivery.frozen);
      await keepContents(waiting.flatMap(({ deliveryId, content }) => (content ? [{ deliveryId, content }] : [])));
      await stopDeliveries(waiting.filter(({ stopped }) => stopped !== undefined));
    },
  },
});

/** Renders a text; a rendering failure is a finding about the text, not an exception. */
export function render(content: Content, scope: JsonObject): { readonly fields: JsonObject } | { readonly problem: string } {
  try {
    // The scope frozen with the delivery is JSON: the same fields, with times as text.
    return { fields: content.render(scope as unknown as ContentScope) };
  } catch (error) {
    return { problem: error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error) };
  }
}

/** The content of what a delivery says: of its experience, on its channel, in its variant and language. */
export const contentFor = (policy: Policy, delivery: Way): Content =>
  need(routeOf(policy, delivery), `${delivery.experienceId} on ${delivery.channel}`).content;

// --- internal ---

/** The author's text of a run. */
interface Written {
  readonly one: WakeRun;
  readonly delivery: NewDelivery;
  readonly policy: Policy;
  readonly fields: JsonObject;
}

/** Writes the author's text of a run; undefined where it delivers nothing, or its text cannot be written, or not yet. */
function writeRun(one: WakeRun, policyFor: AgentContext["policyFor"]): Written | undefined {
  const delivery = deliveryOf(one);
  if (!delivery || one.content) return undefined;
  const policy = policyFor(customerOf(one.wake), one.now);
  const { experienceId, channel, variant, frozen } = delivery;
  const route = need(routeOf(policy, delivery), `${experienceId} on ${channel}`);
  if (route.content.roots.has("action")) return undefined;
  const written = render(route.content, frozen);
  if ("problem" in written) {
    one.rejected.push({ experienceId, channel, ...(variant === undefined ? {} : { variant }), detail: written.problem });
    return undefined;
  }
  one.content = withNotes(written.fields, frozen);
  return { one, delivery, policy, fields: written.fields };
}

/** Lets the model word a text. */
async function wordRun({ one, delivery, policy, fields }: Written, model: LanguageModel): Promise<void> {
  const { frozen } = delivery;
  const content = await worded({ ...factsIn(frozen), ...wayOf(delivery), runId: one.runId, fields }, policy, model, one.steps);
  one.content = withNotes(content, frozen);
}

/** Lets the model word a complete text; its steps are added to the run, which is already written. */
async function reword(delivery: OpenDelivery, { policyFor, model, isOnlyRecorded, noteSteps }: ExecutorContext): Promise<void> {
  const { runId, frozen, content, action = {} } = delivery;
  const policy = policyFor(delivery.customerId, delivery.at);
  const tool = makerOf(policy, delivery)?.action?.tool;
  // An action that was only recorded has no output, and the author's text leaves it out.
  if (!content || (tool !== undefined && isOnlyRecorded(tool))) return;
  const steps: Step[] = [];
  delivery.content = await worded({ ...factsIn(frozen, action), ...wayOf(delivery), runId, fields: content }, policy, model, steps);
  await noteSteps(steps.map((step) => ({ runId, step })));
}

/**
 * The facts a text may state: those its delivery rests on, and its action's output. Texts in moments and signals are
 * third-party: quotable, but no facts.
 */
const factsIn = ({ customer, moment = null, signal = null }: JsonObject, action: JsonObject = {}) => ({
  facts: isObject(customer) ? (customer as JsonObject) : {},
  action,
  quoted: [...textsIn(moment), ...textsIn(signal)],
});

function completeDelivery(delivery: OpenDelivery, policy: Policy, isOnlyRecorded: ExecutorContext["isOnlyRecorded"]): void {
  const tool = makerOf(policy, delivery)?.action?.tool;
  const isActionRecorded = tool !== undefined && isOnlyRecorded(tool);
  const scope = { ...delivery.frozen, action: delivery.action ?? {}, isActionRecorded };
  const route = routeOf(policy, delivery);
  const gone = { problem: `${delivery.experienceId} no longer has it on ${delivery.channel}` };
  const written = route ? render(route.content, scope) : gone;
  if ("problem" in written) stop(delivery, `content_rejected: ${written.problem}`);
  else delivery.content = written.fields;
}

type Way = Pick<OpenDelivery, "experienceId" | "channel" | "variant" | "learnsAs" | "locale">;

const wayOf = ({ experienceId, channel, variant, locale }: Way) => ({ experienceId, channel, variant, locale });

/** Undefined where the experience no longer has the delivery's channel or variant. */
const routeOf = (policy: Policy, delivery: Way): Route | undefined =>
  routeOfDelivery(need(makerOf(policy, delivery), `experience ${delivery.experienceId}`).routes, delivery);
