import type { Address, Changes, Order, Product, User } from "./database.ts";

/** The result of a change, or the rule of the shop that refuses it. */
export type Outcome = { readonly refused: string } | { readonly result: Readonly<Record<string, unknown>> };

export const ADDRESS_FIELDS = ["address1", "address2", "city", "state", "country", "zip"] as const;

export type Fields = Readonly<Record<string, string>>;
type Write = (shop: Changes, user: User, fields: Fields) => Outcome;

/** Tools that change the database, by the shop's own rules. Lists are comma-separated texts. Only the user's own orders are accessible. */
export const WRITES: Readonly<Record<string, Write>> = {
  cancel_pending_order: onOrder("pending", (shop, user, order, { reason = "" }) => {
    if (!["no longer needed", "ordered by mistake"].includes(reason)) return { refused: "the reason is none that is accepted" };
    const changed = shop.changeOrder(order.order_id);
    const refunds = changed.payment_history.map((paid) => ({ ...paid, transaction_type: "refund" }));
    for (const { payment_method_id: method, amount } of refunds) payBack(shop, user, method, amount);
    Object.assign(changed, { status: "cancelled", cancel_reason: reason, payment_history: [...changed.payment_history, ...refunds] });
    return { result: { status: changed.status, refund: money(total(refunds.map(({ amount }) => amount))) } };
  }),

  modify_pending_order_address: onOrder("pending", (shop, _user, order, fields) => {
    const changed = shop.changeOrder(order.order_id);
    changed.address = addressOf(fields);
    return { result: { status: changed.status, address: changed.address } };
  }),

  modify_pending_order_payment: onOrder("pending", (shop, user, order, { payment_method_id: method = "" }) => {
    const [paid] = order.payment_history;
    if (!user.payment_methods[method] || !paid || paid.payment_method_id === method)
      return { refused: "not a payment method to change to" };
    if (!bears(user, method, paid.amount)) return { refused: "the gift card does not bear it" };
    const changed = shop.changeOrder(order.order_id);
    const { amount, payment_method_id: before } = paid;
    changed.payment_history.push({ transaction_type: "payment", amount, payment_method_id: method });
    changed.payment_history.push({ transaction_type: "refund", amount, payment_method_id: before });
    payBack(shop, user, method, -amount);
    payBack(shop, user, before, amount);
    return { result: { status: changed.status, paidWith: method } };
  }),

  modify_pending_order_items: onOrder("pending", (shop, user, order, fields) => {
    const swap = swapOf(shop, user, order, fields);
    if ("refused" in swap) return swap;
    const changed = shop.changeOrder(order.order_id);
    for (const { at, variant } of swap.pairs) {
      const item = changed.items[at];
      if (item) Object.assign(item, { item_id: variant.item_id, price: variant.price, options: variant.options });
    }
    const { difference, method } = swap;
    const kind = difference > 0 ? "payment" : "refund";
    changed.payment_history.push({ transaction_type: kind, amount: Math.abs(difference), payment_method_id: method });
    payBack(shop, user, method, -difference);
    changed.status = "pending (item modified)";
    return { result: { status: changed.status, price_difference: money(difference) } };
  }),

  exchange_delivered_order_items: onOrder("delivered", (shop, user, order, fields) => {
    const swap = swapOf(shop, user, order, fields);
    if ("refused" in swap) return swap;
    const changed = shop.changeOrder(order.order_id);
    Object.assign(changed, {
      status: "exchange requested",
      exchange_items: [...listOf(fields.item_ids)].sort(),
      exchange_new_items: [...listOf(fields.new_item_ids)].sort(),
      exchange_payment_method_id: swap.method,
      exchange_price_difference: money(swap.difference),
    });
    return { result: { status: changed.status, price_difference: money(swap.difference) } };
  }),

  return_delivered_order_items: onOrder("delivered", (shop, user, order, { item_ids: ids, payment_method_id: method = "" }) => {
    const places = placesOf(order, listOf(ids));
    if (!places) return { refused: "an item is not in the order" };
    const wasPaidWith = order.payment_history[0]?.payment_method_id === method;
    if (!user.payment_methods[method] || !(wasPaidWith || isGiftCard(user, method))) return { refused: "no way to refund to" };
    const changed = shop.changeOrder(order.order_id);
    Object.assign(changed, { status: "return requested", return_items: [...listOf(ids)].sort(), return_payment_method_id: method });
    return { result: { status: changed.status, refund: money(total(places.map((at) => order.items[at]?.price ?? 0))) } };
  }),

  modify_user_address: (shop, user, fields) => {
    const changed = shop.changeUser(user.user_id);
    changed.address = addressOf(fields);
    return { result: { address: changed.address } };
  },
};

export const listOf = (text = ""): string[] =>
  text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");

// --- internal ---

type OrderWrite = (shop: Changes, user: User, order: Order, fields: Fields) => Outcome;

function onOrder(status: string, write: OrderWrite): Write {
  return (shop, user, fields) => {
    const order = shop.order(fields.order_id ?? "");
    if (!order || order.user_id !== user.user_id) return { refused: "the customer has no such order" };
    return order.status === status ? write(shop, user, order, fields) : { refused: `the order is ${order.status}, not ${status}` };
  };
}

const addressOf = (fields: Fields): Address => Object.fromEntries(ADDRESS_FIELDS.map((name) => [name, fields[name] ?? ""])) as Address; // every field is set

type Variant = Product["variants"][string];
type Swap = { readonly pairs: readonly { at: number; variant: Variant }[]; readonly difference: number; readonly method: string };

/** Items of an order against available variants of the same products. */
function swapOf(shop: Changes, user: User, order: Order, fields: Fields): Swap | { readonly refused: string } {
  const { item_ids: given, new_item_ids: wanted, payment_method_id: method = "" } = fields;
  const places = placesOf(order, listOf(given));
  const ids = listOf(wanted);
  if (!places || places.length === 0 || places.length !== ids.length)
    return { refused: "the items are not in the order, or not as many as new ones" };
  const pairs = places.flatMap((at, index) => {
    const variant = shop.database.products[order.items[at]?.product_id ?? ""]?.variants[ids[index] ?? ""];
    return variant?.available ? [{ at, variant }] : [];
  });
  if (pairs.length < places.length) return { refused: "a new item is not available, or of another product" };
  const difference = total(pairs.map(({ at, variant }) => variant.price - (order.items[at]?.price ?? 0)));
  if (!user.payment_methods[method]) return { refused: "the customer has no such payment method" };
  return bears(user, method, difference) ? { pairs, difference, method } : { refused: "the gift card does not bear it" };
}

/** Positions of the items in the order, each used once; undefined if one is missing. */
function placesOf({ items }: Order, ids: readonly string[]): number[] | undefined {
  const places: number[] = [];
  for (const id of ids) {
    const at = items.findIndex(({ item_id: own }, index) => own === id && !places.includes(index));
    if (at < 0) return undefined;
    places.push(at);
  }
  return places;
}

const isGiftCard = ({ payment_methods: methods }: User, method: string): boolean => methods[method]?.source === "gift_card";

const bears = (user: User, method: string, amount: number): boolean =>
  !isGiftCard(user, method) || (user.payment_methods[method]?.balance ?? 0) >= amount;

function payBack(shop: Changes, user: User, method: string, amount: number): void {
  if (!isGiftCard(user, method)) return;
  const card = shop.changeUser(user.user_id).payment_methods[method];
  if (card) card.balance = money((card.balance ?? 0) + amount);
}

const total = (amounts: readonly number[]): number => money(amounts.reduce((sum, amount) => sum + amount, 0));
const money = (amount: number): number => Math.round(amount * 100) / 100;
