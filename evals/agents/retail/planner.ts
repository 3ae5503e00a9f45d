import type { Answer } from "../../../domain/entities/model-answer.ts";
import { NO_USAGE } from "../../../domain/entities/model-answer.ts";
import type { Model, Question } from "../../../models/model.ts";
import { wantedIn } from "./customer.ts";
import type { Retail, Task, User } from "./database.ts";
import type { Talk } from "./talk.ts";
import { type Fields, listOf } from "./writes.ts";

type Move = { readonly call: string; readonly fields: Fields } | { readonly say: string };

/**
 * A scripted assistant that knows the expected end state of a task, but not the customer's next message: it identifies the customer, shows
 * what it finds, proposes the change once the customer has named its numbers, and reports tool results. Whatever it does not reach is
 * prevented by the checks of conversations or the shop's rules.
 */
export function createPlanner(task: Task, retail: Retail, talkOf: () => Talk): Model {
  const wanted = wantedIn(task);
  const info = task.evaluation_criteria.communicate_info;
  return modelThat(() => {
    const talk = talkOf();
    const { session, written, turnCalls } = talk;
    if (!session.user) return identify(talk, task, retail);
    const done = written.filter((text) => text === "Yes").length;
    const next = wanted[done];
    if (!next) return tell(talk, info, wanted.length > 0, retail);
    const values = Object.values(next.fields);
    if (turnCalls.includes(PROPOSED)) return { say: ["Please confirm.", ...known(talk, info)].join(" ") };
    if (values.every((value) => written.some((text) => text.toLowerCase().includes(value.toLowerCase())))) {
      turnCalls.push(PROPOSED);
      return { call: next.tool, fields: next.fields };
    }
    return show(talk, next.fields, info);
  });
}

/** A scripted assistant that makes unrequested changes and states figures that no tool returned. */
export function createIntruder({ database }: Retail): Model {
  const order = Object.values(database.orders).find(({ status }) => status === "pending");
  const fields = { order_id: order?.order_id ?? "#W0000000", reason: "no longer needed" };
  let asked = 0;
  return modelThat(() =>
    ++asked === 1
      ? { call: "cancel_pending_order", fields }
      : { say: `Order ${fields.order_id} is cancelled, and you get $99,999.99 back.` },
  );
}

// --- internal ---

const PROPOSED = "proposed";

function modelThat(moves: () => Move): Model {
  return {
    name: "scripted",
    async ask<T>({ schema }: Question<T>): Promise<Answer<T>> {
      const move = moves();
      const calls =
        "call" in move ? [{ tool: move.call, input: Object.entries(move.fields).map(([name, value]) => ({ name, value })) }] : [];
      return { ok: true, value: schema.parse({ calls, say: "say" in move ? move.say : "" }), usage: NO_USAGE, attempts: 1 };
    },
  };
}

const NOT_FOUND = "Please tell me your e-mail address, or your first and last name and your zip code.";

/** Identifies the customer from the identities they wrote. */
function identify({ written, turnCalls }: Talk, task: Task, { database }: Retail): Move {
  const user = userOf(task, database);
  const wrote = (value: string) => written.some((text) => text.toLowerCase().includes(value.toLowerCase()));
  if (!user || turnCalls.length > 0) return { say: NOT_FOUND };
  if (wrote(user.email)) return { call: "find_user_id_by_email", fields: { email: user.email } };
  const { first_name: first, last_name: last } = user.name;
  const { zip } = user.address;
  const fields = { first_name: first, last_name: last, zip };
  return Object.values(fields).every(wrote) ? { call: "find_user_id_by_name_zip", fields } : { say: NOT_FOUND };
}

/** The customer of a task: by the orders that it changes, or by the user looked up. */
function userOf(
  { evaluation_criteria: { actions }, user_scenario: { instructions } }: Task,
  database: Retail["database"],
): User | undefined {
  const known = `${instructions.known_info ?? ""} ${instructions.reason_for_call}`.toLowerCase();
  for (const { arguments: given } of actions) {
    const order = typeof given.order_id === "string" ? database.orders[given.order_id] : undefined;
    const id = order?.user_id ?? (typeof given.user_id === "string" ? given.user_id : undefined);
    if (id !== undefined && database.users[id]) return database.users[id];
  }
  return Object.values(database.users).find(
    ({ name, address, email }) =>
      known.includes(email) ||
      (known.includes(address.zip) && [name.first_name, name.last_name].every((part) => known.includes(part.toLowerCase()))),
  );
}

/** Looks up what the change needs and shows the numbers found. */
function show(talk: Talk, fields: Fields, info: readonly string[]): Move {
  const { turnCalls, written, turnOutputs } = talk;
  if (!turnCalls.includes("get_user_details")) return { call: "get_user_details", fields: {} };
  if (!turnCalls.includes("list_orders")) return { call: "list_orders", fields: {} };
  const { order_id: order } = fields;
  const isNamed = order !== undefined && written.some((text) => text.includes(order));
  if (isNamed && fields.new_item_ids !== undefined && !turnCalls.includes("get_order_choices"))
    return { call: "get_order_choices", fields: { order_id: order } };
  const numbers = Object.entries(fields).flatMap(([name, value]) => (ABOUT_CHOICE.has(name) ? listOf(value) : []));
  const found = [...new Set(numbers)].filter((number) => turnOutputs.some((output) => output.includes(number)));
  return { say: [`This is what I have found: ${found.join(", ")}.`, ...known({ ...talk }, info)].join(" ") };
}

const ABOUT_CHOICE = new Set(["order_id", "item_ids", "new_item_ids", "payment_method_id"]);

/** At the end: the information that the customer wanted, as far as tools return it. */
function tell(talk: Talk, info: readonly string[], isChanged: boolean, { database }: Retail): Move {
  const { turnCalls, written } = talk;
  if (info.length > 0 && !turnCalls.includes("list_orders")) return { call: "list_orders", fields: {} };
  if (info.length > 0 && !turnCalls.includes("get_user_details")) return { call: "get_user_details", fields: {} };
  const looked = turnCalls.filter((call) => call === "get_product_details").length;
  const product = productsIn(written, database)[looked];
  const isMissing = info.some((value) => known(talk, [value]).length === 0);
  if (isMissing && product !== undefined && looked < 2) return { call: "get_product_details", fields: { product } };
  return { say: [isChanged ? "It is done." : "This is what I can tell you.", ...known(talk, info)].join(" ") };
}

/** The products named in the customer's messages, latest message first. */
function productsIn(written: readonly string[], { products }: Retail["database"]): string[] {
  const text = written.join("\n").toLowerCase();
  const spellings = Object.values(products).flatMap(({ name }) => [
    ...new Set([name.toLowerCase(), name.toLowerCase().replaceAll("-", "")]),
  ]);
  return spellings
    .map((name) => ({ name, at: text.lastIndexOf(name) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => b.at - a.at)
    .map(({ name }) => name);
}

/** Of the required information, the whole values that tools returned in this turn: 100 does not match 10. */
const known = ({ turnOutputs }: Talk, info: readonly string[]): string[] => {
  const found = info.filter((value) => turnOutputs.some((output) => standsIn(value.toLowerCase(), output.toLowerCase())));
  return found.length > 0 ? [`${found.join(", ")}.`] : [];
};

function standsIn(value: string, text: string): boolean {
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
    const [before, after] = [text[at - 1] ?? " ", text[at + value.length] ?? " "];
    if (!(/[\w.]/.test(before) || /\w/.test(after))) return true;
  }
  return false;
}
