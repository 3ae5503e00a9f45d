import { type Change, evolve, type NewTask } from "../domain/entities/change.ts";
import type { Customer } from "../domain/entities/customer.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { opensCase } from "../domain/entities/tool-declaration.ts";
import { idFrom } from "../domain/entities/wake.ts";
import { replyOwed } from "../domain/moments/promises.ts";
import { aboutCustomer, inShort, quoted, storyOf } from "../domain/moments/task-story.ts";
import { oneLine, visibleText } from "../domain/text/visible-text.ts";
import { cut } from "../domain/values/cut.ts";
import { DAY } from "../domain/values/time.ts";
import type { Turn, TurnContext } from "./turn.ts";

/**
 * What a hand-off to a human writes to the customer's record: a task with everything that is known, about the reply that is
 * owed, and a service case where the experience says so and no tool has opened one in this turn. The reply stays owed until a
 * human gives it.
 */
export const handOffChanges = (
  turn: Turn,
  customer: Customer,
  { toolNamed, policy }: Pick<TurnContext, "toolNamed" | "policy">,
): Change[] => {
  const opened = turn.conversation.handOver.opensCase && !hasOpenedCase(turn, toolNamed) ? [caseOf(turn)] : [];
  return [{ type: "task_added", task: taskOf(turn, opened.reduce(evolve, customer), policy) }, ...opened];
};

// --- internal ---

const hasOpenedCase = ({ conversation: { tools }, done }: Turn, toolNamed: TurnContext["toolNamed"]): boolean =>
  done.some((one) => one.status === "done" && tools.some(({ name, tool }) => name === one.tool && opensCase(toolNamed(tool))));

function caseOf({ delivery: { deliveryId, at }, conversation, messages }: Turn): Change {
  const { queue } = conversation.handOver;
  const subject = cut(oneLine(messages.at(-1) ?? ""), 200);
  return {
    type: "case_opened",
    caseId: idFrom("c", "handover", deliveryId),
    at,
    data: { subject, ...(queue === undefined ? {} : { queue }) },
  };
}

function taskOf({ delivery, conversation, messages, before, done, handOff }: Turn, customer: Customer, policy: Policy): NewTask {
  const { deliveryId, channel, at } = delivery;
  const reply = replyOwed(customer);
  const why = handOff?.why ?? "";
  const said = cut(oneLine(messages.at(-1) ?? ""), 200);
  return {
    taskId: idFrom("t", "handover", deliveryId),
    queue: conversation.handOver.queue ?? reply?.owner ?? "service",
    summary: `answer ${customer.customerId} on ${channel}: ${said === "" ? why : quoted(said)}${inShort(customer, policy)}`,
    due: reply && reply.due > at ? reply.due : at + DAY,
    at,
    facts: {
      conversation: deliveryId,
      ...(reply ? storyOf(reply, customer, policy) : aboutCustomer(customer, policy)),
      channel,
      why,
      ...(handOff?.summary === undefined ? {} : { summary: oneLine(handOff.summary) }),
      messages: messages.map(visibleText),
      before: before.slice(-10).map(({ by, text }) => ({ by, text: visibleText(text) })),
      done: done.map(({ tool, input, status }) => ({ tool, input: { ...input }, status })),
    },
    ...(reply ? { promiseId: reply.promiseId } : {}),
  };
}
