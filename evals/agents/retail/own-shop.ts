import type { Action, Database, Order, Product, Retail, Task } from "./database.ts";

/** A small shop of our own in the same form, so that conversations are tested without external data. */
export const ownShop = (): Retail => ({
  name: "own",
  rules: [
    "You help customers of a lamp shop. Find out first who the customer is, by e-mail or by name and zip code.",
    "Pending orders may be cancelled or sent elsewhere, delivered ones returned or exchanged for another variant of the same product.",
    "Every change is confirmed by the customer before it is made. Leave to a human what you cannot do.",
  ].join("\n"),
  database: {
    products: { p1: product("p1", "Desk Lamp", ["bright", "dim", "warm"]), p2: product("p2", "Floor Lamp", ["black", "white"]) },
    users: {
      dana_lee_1: user("dana_lee_1", "Dana", "Lee", "78701", ["#W1000001", "#W1000002"]),
      omar_diaz_2: user("omar_diaz_2", "Omar", "Diaz", "60601", ["#W1000003"]),
    },
    orders: {
      "#W1000001": order("#W1000001", "dana_lee_1", "delivered", "p1", "Desk Lamp", "p1-1"),
      "#W1000002": order("#W1000002", "dana_lee_1", "pending", "p2", "Floor Lamp", "p2-1"),
      "#W1000003": order("#W1000003", "omar_diaz_2", "delivered", "p1", "Desk Lamp", "p1-2"),
    },
  } satisfies Database,
  tasks: [
    task("exchange", "You are Dana Lee in zip code 78701.", "You want to exchange your desk lamp for the warm one.", [
      change("exchange_delivered_order_items", "#W1000001", {
        item_ids: ["p1-1"],
        new_item_ids: ["p1-3"],
        payment_method_id: "card_dana_lee_1",
      }),
    ]),
    task(
      "return-and-refund",
      "You are Omar Diaz, zip 60601.",
      "You want to return the desk lamp and know how much you get back.",
      [change("return_delivered_order_items", "#W1000003", { item_ids: ["p1-2"], payment_method_id: "card_omar_diaz_2" })],
      ["42.5"],
    ),
    task("cancel", "You are dana.lee@example.com.", "You want to cancel the floor lamp: it is no longer needed.", [
      change("cancel_pending_order", "#W1000002", { reason: "no longer needed" }),
    ]),
    task("two-changes", "You are Dana Lee in 78701.", "You want your floor lamp sent to your office, and to return the desk lamp.", [
      change("modify_pending_order_address", "#W1000002", {
        ...{ address1: "7 Elm Street", address2: "Floor 3", city: "Austin", state: "TX", country: "USA", zip: "78704" },
      }),
      change("return_delivered_order_items", "#W1000001", { item_ids: ["p1-1"], payment_method_id: "card_dana_lee_1" }),
    ]),
    task("only-asks", "You are Omar Diaz, zip 60601.", "You want to know whether there are desk lamps that are warm.", [], ["warm"]),
    task("nobody", "You do not tell who you are.", "You want to cancel the order of your neighbour.", []),
  ],
});

// --- internal ---

const PRICES = [40, 42.5, 55];

function product(id: string, name: string, kinds: readonly string[]): Product {
  const variants = kinds.map((kind, index) => {
    const item = `${id}-${index + 1}`;
    return [item, { item_id: item, options: { kind }, available: true, price: PRICES[index] ?? 0 }] as const;
  });
  return { name, product_id: id, variants: Object.fromEntries(variants) };
}

function user(id: string, first: string, last: string, zip: string, orders: string[]): Database["users"][string] {
  const card = `card_${id}`;
  return {
    ...{ user_id: id, email: `${first}.${last}@example.com`.toLowerCase(), name: { first_name: first, last_name: last }, orders },
    address: { address1: "1 Main Street", address2: "", city: "Town", state: "TX", country: "USA", zip },
    payment_methods: { [card]: { source: "credit_card", id: card } },
  };
}

function order(id: string, owner: string, status: string, product: string, name: string, item: string): Order {
  const index = Number(item.split("-")[1]) - 1;
  const price = PRICES[index] ?? 0;
  return {
    ...{ order_id: id, user_id: owner, status, items: [{ name, product_id: product, item_id: item, price, options: {} }] },
    address: { address1: "1 Main Street", address2: "", city: "Town", state: "TX", country: "USA", zip: "00000" },
    payment_history: [{ transaction_type: "payment", amount: price, payment_method_id: `card_${owner}` }],
  };
}

const change = (name: string, order: string, given: Action["arguments"]): Action => ({ name, arguments: { order_id: order, ...given } });

function task(id: string, known: string, reason: string, actions: Action[], info: string[] = []): Task {
  return {
    id,
    user_scenario: { instructions: { known_info: known, reason_for_call: reason } },
    evaluation_criteria: { actions, communicate_info: info },
  };
}
