import type { Task } from "./database.ts";
import { ADDRESS_FIELDS, type Fields, listOf, WRITES } from "./writes.ts";

/** A change expected at the end of a task, with lists as texts. */
export interface Wanted {
  readonly tool: string;
  readonly fields: Fields;
}

/** The changes expected for a task, in order. */
export const wantedIn = ({ evaluation_criteria: { actions } }: Task): Wanted[] =>
  actions
    .filter(({ name }) => name in WRITES)
    .map(({ name, arguments: given }) => ({
      tool: name,
      fields: Object.fromEntries(
        Object.entries(given)
          .filter(([field]) => field !== "user_id")
          .map(([field, value]) => [field, Array.isArray(value) ? value.join(", ") : String(value)]),
      ),
    }));

/**
 * The customer of a task, without a model: recites the instructions, recognizes a wanted item when it is shown, asks for it by its numbers,
 * and says yes to every question. Never names a number that was not shown before.
 */
export class ScriptedCustomer {
  private readonly task: Task;
  private readonly wanted: readonly Wanted[];
  private seen: string;
  private next = 0;
  private said = 0;
  private nudges = 0;
  private readonly mentioned = new Set<string>();
  private closing = 0;

  constructor(task: Task) {
    this.task = task;
    this.wanted = wantedIn(task);
    const { known_info: known, reason_for_call: reason, task_instructions: how } = task.user_scenario.instructions;
    this.seen = [known, reason, how].join("\n").toLowerCase();
  }

  opening(): string {
    const { known_info: known, reason_for_call: reason } = this.task.user_scenario.instructions;
    return inFirstPerson([known ?? "", reason].join(" ").trim());
  }

  /** Returns the customer's reply; undefined when there is nothing more to say. */
  reply(shown: string): string | undefined {
    this.seen += `\n${shown.toLowerCase()}`;
    if (shown.trimEnd().endsWith("(yes / no)")) return this.confirm();
    const wanted = this.wanted[this.next];
    if (!wanted) return this.close();
    if (Object.entries(wanted.fields).every(([field, value]) => this.knows(field, value))) return this.state(wanted);
    const { order_id: order } = wanted.fields;
    if (order !== undefined && this.knows("order_id", order) && !this.mentioned.has(order)) {
      this.mentioned.add(order);
      return `It is about order ${order}. What is possible there?`;
    }
    return ++this.nudges > 2 ? undefined : "Please look it up and show me my orders, and what I can choose from.";
  }

  private confirm(): string {
    this.next++;
    this.said = 0;
    this.nudges = 0;
    return "Yes";
  }

  private state(wanted: Wanted): string | undefined {
    if (++this.said <= 2) return statementOf(wanted);
    this.next++;
    this.said = 0;
    return this.reply("");
  }

  private close(): string | undefined {
    this.closing++;
    if (this.closing === 1 && this.task.evaluation_criteria.communicate_info.length > 0) return "And what about the rest of what I asked?";
    return this.closing <= 2 && this.wanted.length === 0 ? "Please look it up and tell me." : undefined;
  }

  /** Reasons and addresses are the customer's own; everything else must come from the instructions or the shop. */
  private knows(field: string, value: string): boolean {
    if (field === "reason" || (ADDRESS_FIELDS as readonly string[]).includes(field)) return true;
    return listOf(value).every((one) => this.seen.includes(one.toLowerCase()));
  }
}

/** Turns instructions in the second person into the first person. */
export function inFirstPerson(text: string): string {
  const said: readonly (readonly [RegExp, string])[] = [
    [/\bYou're\b/g, "I'm"],
    [/\byou're\b/g, "I'm"],
    [/\b[Yy]ou are\b/g, "I am"],
    [/\b[Yy]ou were\b/g, "I was"],
    [/\bYour\b/g, "My"],
    [/\byour\b/g, "my"],
    [/\b(to|for|with|give|gives|tell|tells|ask|asks|offer|offers) you\b/g, "$1 me"],
    [/\b[Yy]ou\b/g, "I"],
  ];
  return said.reduce((changed, [from, to]) => changed.replace(from, to), text);
}

// --- internal ---

function statementOf({ tool, fields }: Wanted): string {
  const { order_id: order, reason, item_ids: items, new_item_ids: others, payment_method_id: method } = fields;
  const address = ADDRESS_FIELDS.map((name) => fields[name]).filter((value) => value !== undefined && value !== "");
  const sentences: Readonly<Record<string, string>> = {
    cancel_pending_order: `Please cancel order ${order}: ${reason}.`,
    modify_pending_order_address: `Please send order ${order} to this address: ${address.join(", ")}.`,
    modify_pending_order_payment: `I want to pay order ${order} with ${method}.`,
    modify_pending_order_items: `In order ${order}, please change ${items} to ${others} and use ${method}.`,
    exchange_delivered_order_items: `Of order ${order}, please exchange ${items} for ${others} and use ${method}.`,
    return_delivered_order_items: `Of order ${order}, I want to return ${items} and have the refund on ${method}.`,
    modify_user_address: `Please make this my default address: ${address.join(", ")}.`,
  };
  return sentences[tool] ?? "";
}
