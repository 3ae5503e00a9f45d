import { need } from "../domain/errors.ts";
import type { JsonObject } from "../domain/json.ts";
import { type Content, type ContentScope, experienceOf, type Policy } from "../domain/policy.ts";
import { type AgentContext, defineAgent, type ExecutorContext } from "./agent.ts";
import { type Case, deliveryOf, going, type OpenDelivery, stop } from "./case.ts";

export const contentGenerator = defineAgent({
  name: "content-generator",
  purpose: "Writes what goes out on the chosen channel, from the author's text and the facts that the decision rests on.",
  tools: [],
  steps: {
    /** a decision to deliver → the text for its channel, stating only facts that were checked */
    async write({ cases }, { policy }: AgentContext) {
      for (const one of cases.values()) writeCase(one, policy);
    },

    /** texts that speak of what the action did → written once it is done */
    async complete({ deliveries }, { policy, isOnlyRecorded, keepContents, stopDeliveries }: ExecutorContext) {
      const waiting = going(deliveries).filter(({ content }) => content === undefined);
      for (const delivery of waiting) completeDelivery(delivery, policy, isOnlyRecorded);
      await keepContents(waiting.flatMap(({ deliveryId, content }) => (content ? [{ deliveryId, content }] : [])));
      await stopDeliveries(waiting.filter(({ stopped }) => stopped !== undefined));
    },
  },
});

/** Renders a text; one that fails to render is a finding about the text, not an accident. */
export function render(content: Content, scope: JsonObject): { readonly fields: JsonObject } | { readonly problem: string } {
  try {
    // What was frozen with the delivery is the scope's JSON: the same fields, with times as text.
    return { fields: content.render(scope as unknown as ContentScope) };
  } catch (error) {
    return { problem: error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error) };
  }
}

// --- internal ---

function writeCase(one: Case, policy: Policy): void {
  const delivery = deliveryOf(one);
  if (!delivery || one.content) return;
  const { experienceId, channel, frozen } = delivery;
  const content = contentFor(policy, experienceId, channel);
  if (content.roots.has("action")) return;
  const written = render(content, frozen);
  if ("problem" in written) one.rejected.push({ experienceId, channel, detail: written.problem });
  else one.content = written.fields;
}

function completeDelivery(delivery: OpenDelivery, policy: Policy, isOnlyRecorded: ExecutorContext["isOnlyRecorded"]): void {
  const tool = experienceOf(policy, delivery.experienceId)?.action?.tool;
  const isActionRecorded = tool !== undefined && isOnlyRecorded(tool);
  const written = render(contentFor(policy, delivery.experienceId, delivery.channel), {
    ...delivery.frozen,
    action: delivery.action ?? {},
    isActionRecorded,
  });
  if ("problem" in written) stop(delivery, `content_rejected: ${written.problem}`);
  else delivery.content = written.fields;
}

function contentFor(policy: Policy, experienceId: string, channel: string): Content {
  const experience = need(experienceOf(policy, experienceId), `experience ${experienceId}`);
  const route = experience.routes.find((one) => one.channel === channel);
  return need(route, `${experienceId} on ${channel}`).content;
}
