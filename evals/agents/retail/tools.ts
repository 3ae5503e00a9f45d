import type { Policy } from "../../../domain/entities/policy.ts";
import { policyOf } from "../../../testing/policy.ts";
import type { Retail } from "./database.ts";
import { ADDRESS_FIELDS } from "./writes.ts";

/** The shop as a workspace: its rules are the brief of a conversational experience, its systems the tools. */
export function retailPolicy({ rules }: Retail): Policy {
  const tools = Object.fromEntries(
    Object.entries(TOOLS).map(([name, tool]) => [name, { ...tool, ...(tool.confirm ? {} : { confirm: false }) }]),
  );
  return policyOf(
    "name: Retail\nmoments: {message: {on: message.received, expires: 2d}}\nchannels: {chat: {kind: file}}",
    [
      [
        "id: answer\nserves: [message]\ndepartment: service\ntransactional: true",
        "channels: {chat: {text: Thank you. A colleague answers soon.}}",
        `converse: ${JSON.stringify({ brief: rules, tools })}`,
      ].join("\n"),
    ],
    { tools: Object.entries(TOOLS).map(([name, { asks = {} }]) => ({ name, asks: Object.keys(asks) })) },
  );
}

// --- internal ---

interface ToolText {
  readonly about: string;
  readonly asks?: Readonly<Record<string, string>>;
  readonly confirm?: string;
}

const ORDER = { order_id: "the order's number, like #W0000000" };
const ADDRESS = Object.fromEntries(ADDRESS_FIELDS.map((name) => [name, `${name} of the new address`]));
const METHOD = { payment_method_id: "the id of the payment method" };
const SWAP = {
  ...ORDER,
  item_ids: "ids of the items, with commas between them",
  new_item_ids: "ids of the new items in the same order, with commas between them",
  ...METHOD,
};

/** Tool inputs must appear in the customer's own messages, so options have to be shown first. */
const TOOLS: Readonly<Record<string, ToolText>> = {
  find_user_id_by_email: { about: "Finds out who the customer is.", asks: { email: "the customer's e-mail address" } },
  find_user_id_by_name_zip: {
    about: "Finds out who the customer is.",
    asks: { first_name: "first name", last_name: "last name", zip: "zip code" },
  },
  get_user_details: { about: "Profile, address and payment methods of the customer." },
  list_orders: { about: "All orders of the customer, with their items." },
  get_order_details: { about: "One order of the customer.", asks: ORDER },
  get_order_choices: { about: "What the items of an order can be exchanged for.", asks: ORDER },
  get_product_details: { about: "What there is of a product.", asks: { product: "the product's name" } },
  list_product_types: { about: "All types of products." },
  cancel_pending_order: {
    about: "Cancels a pending order.",
    asks: { ...ORDER, reason: "no longer needed, or: ordered by mistake" },
    confirm: "Shall this order be cancelled?",
  },
  modify_pending_order_address: {
    about: "Another address for a pending order.",
    asks: { ...ORDER, ...ADDRESS },
    confirm: "Shall it go there?",
  },
  modify_pending_order_payment: {
    about: "Another payment method for a pending order.",
    asks: { ...ORDER, ...METHOD },
    confirm: "Shall it be paid so?",
  },
  modify_pending_order_items: {
    about: "Other variants in a pending order; once an order.",
    asks: SWAP,
    confirm: "Shall these items be changed?",
  },
  exchange_delivered_order_items: {
    about: "Other variants for delivered items; once an order.",
    asks: SWAP,
    confirm: "Shall these items be exchanged?",
  },
  return_delivered_order_items: {
    about: "Takes delivered items back.",
    asks: { ...ORDER, item_ids: SWAP.item_ids, ...METHOD },
    confirm: "Shall these items be returned?",
  },
  modify_user_address: { about: "Another default address.", asks: ADDRESS, confirm: "Shall this be your address?" },
};
