import { isAgentPaused, WRITES } from "../domain/deciding/pause.ts";
import type { CallResult } from "../domain/entities/call-outcome.ts";
import { type Action, makerOf } from "../domain/entities/policy.ts";
import type { JsonObject } from "../domain/values/json.ts";
import { sendMessage } from "../tools/send-message.ts";
import { defineAgent, type ExecutorContext, type ToolCall } from "./agent.ts";
import { render } from "./content-generator.ts";
import { type Batch, going, isAnswer, type OpenDelivery, openDelivery, stop } from "./wake-run.ts";

export const channelExecutor = defineAgent({
  name: "channel-executor",
  purpose: "Takes slots in the ledger, does what an experience does, and hands messages over, each at most once.",
  tools: [sendMessage.name, "*"],
  steps: {
    /** decisions → written to the record, with the slots they take, where nothing has changed since they were judged */
    async reserve({ runs, deliveries }, { commit, policyFor }: ExecutorContext) {
      for (const one of await commit([...runs.values()])) {
        const delivery = openDelivery(one);
        if (!delivery) continue;
        delivery.isReady = isReady(delivery, policyFor);
        deliveries.set(delivery.deliveryId, delivery);
      }
    },

    /** deliveries of experiences with an action → the action, before the text that reports it */
    async act({ deliveries }, { policyFor, pauses, dispatch, stopDeliveries }: ExecutorContext) {
      // A delivery whose text cannot be written now keeps its slot; its action waits with it.
      if (isAgentPaused(pauses, WRITES))
        for (const { deliveryId, content } of going(deliveries)) if (content === undefined) deliveries.delete(deliveryId);
      const acting = going(deliveries).filter((delivery) => !delivery.action && actionOf(delivery, policyFor));
      const calls = acting.flatMap((delivery) => actionCall(delivery, policyFor) ?? []);
      const outcomes = calls.length > 0 ? await dispatch(calls) : [];
      for (const { key, delivery } of calls)
        noteOutcome(
          delivery,
          outcomes.find((outcome) => outcome.key === key),
          deliveries,
        );
      await stopDeliveries(acting.filter(({ stopped }) => stopped !== undefined));
    },

    /** deliveries with their text → sent to their providers */
    async deliver({ deliveries }, { dispatch }: ExecutorContext) {
      const calls = going(deliveries).map(
        (delivery): ToolCall => ({ tool: sendMessage.name, key: delivery.deliveryId, input: {}, delivery }),
      );
      if (calls.length > 0) await dispatch(calls);
    },
  },
});

/** Whether a delivery has its text, and nothing comes before it is sent. */
export const isReady = (delivery: OpenDelivery, policyFor: PolicyFor): boolean =>
  delivery.content !== undefined && !isAnswer(delivery) && actionOf(delivery, policyFor) === undefined;

// --- internal ---

/** A message that reports an action that was not done is not sent. */
function noteOutcome(delivery: OpenDelivery, outcome: CallResult | undefined, deliveries: Batch["deliveries"]): void {
  const { status = "waiting", code, output = {} } = outcome ?? {};
  if (status === "done") delivery.action = output;
  else if (status === "failed" || status === "uncertain") stop(delivery, `action ${status}${code === undefined ? "" : `: ${code}`}`);
  // Already settled, or its action is still due: in the latter case recovery finds the rows again and does both in order.
  else deliveries.delete(delivery.deliveryId);
}

type PolicyFor = ExecutorContext["policyFor"];

/** The action of a delivery, as its experience was for this customer at the decision. */
const actionOf = (delivery: OpenDelivery, policyFor: PolicyFor): Action | undefined =>
  makerOf(policyFor(delivery.customerId, delivery.at), delivery)?.action;

function actionCall(delivery: OpenDelivery, policyFor: PolicyFor): ToolCall | undefined {
  const action = actionOf(delivery, policyFor);
  if (!action) return undefined;
  const written = render(action.input, delivery.frozen);
  if ("fields" in written)
    return { tool: action.tool, key: `${delivery.deliveryId}:action`, input: written.fields.input as JsonObject, delivery };
  stop(delivery, `content_rejected: ${written.problem}`);
  return undefined;
}
