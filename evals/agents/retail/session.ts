import { Changes, type Database, type Product, type User } from "./database.ts";
import { type Fields, type Outcome, WRITES } from "./writes.ts";

/** One conversation with the shop's systems: the identified customer, and the changes made for them. */
export class Session {
  readonly shop: Changes;
  user: User | undefined;
  /** Changes made, with the customer's messages before each. */
  readonly made: { readonly tool: string; readonly fields: Fields; readonly written: readonly string[] }[] = [];

  constructor(database: Database) {
    this.shop = new Changes(database);
  }

  /** Calls a tool. `written`: the customer's messages so far. */
  call(tool: string, fields: Fields, written: readonly string[]): Outcome {
    if (FINDS[tool]) return this.identify(FINDS[tool](this.shop.database, fields));
    if (LOOKS[tool] && PUBLIC.has(tool)) return LOOKS[tool](this.shop, undefined, fields);
    const user = this.user && this.shop.user(this.user.user_id);
    if (!user) return { refused: "nobody knows yet who the customer is" };
    if (LOOKS[tool]) return LOOKS[tool](this.shop, user, fields);
    const outcome = WRITES[tool]?.(this.shop, user, fields) ?? { refused: "no such tool" };
    if ("result" in outcome) this.made.push({ tool, fields, written });
    return outcome;
  }

  /** The first user found is the customer; orders of other users are refused in the same conversation. */
  private identify(found: User | undefined): Outcome {
    if (!found) return { refused: "nobody is found by it" };
    if (this.user && this.user.user_id !== found.user_id) return { refused: "the conversation is with somebody else" };
    this.user = found;
    return { result: { user_id: found.user_id } };
  }
}

/** Whether a tool changes nothing. */
export const isRead = (tool: string): boolean => tool in FINDS || tool in LOOKS;

/** Finds a product by the name that the customer wrote, singular or plural. */
export function productNamed(database: Database, name: string): Product | undefined {
  const wanted = name.toLowerCase().trim();
  return Object.values(database.products).find(({ name: own, product_id: id }) => {
    const known = own.toLowerCase();
    return id === wanted || known === wanted || `${known}s` === wanted || known.replaceAll("-", "") === wanted;
  });
}

// --- internal ---

const same = (a: string, b = ""): boolean => a.toLowerCase() === b.toLowerCase().trim();

const FINDS: Readonly<Record<string, (database: Database, fields: Fields) => User | undefined>> = {
  find_user_id_by_email: ({ users }, { email }) => Object.values(users).find((user) => same(user.email, email)),
  find_user_id_by_name_zip: ({ users }, { first_name: first, last_name: last, zip }) =>
    Object.values(users).find(({ name, address }) => same(name.first_name, first) && same(name.last_name, last) && same(address.zip, zip)),
};

type Look = (shop: Changes, user: User | undefined, fields: Fields) => Outcome;

const LOOKS: Readonly<Record<string, Look>> = {
  get_user_details: (_shop, user) => ({ result: { ...user } }),
  list_orders: (shop, user) => ({ result: { orders: (user?.orders ?? []).flatMap((id) => shop.order(id) ?? []) } }),
  get_order_details: (shop, user, { order_id: id = "" }) => {
    const order = shop.order(id);
    return order && order.user_id === user?.user_id ? { result: order } : { refused: "the customer has no such order" };
  },
  get_order_choices: (shop, user, { order_id: id = "" }) => {
    const order = shop.order(id);
    if (!order || order.user_id !== user?.user_id) return { refused: "the customer has no such order" };
    const products = [...new Set(order.items.map(({ product_id: product }) => product))];
    return { result: { choices: products.flatMap((product) => choicesOf(shop.database.products[product])) } };
  },
  get_product_details: (shop, _user, { product = "" }) => {
    const found = productNamed(shop.database, product);
    return found ? { result: { ...choicesOf(found)[0] } } : { refused: "no such product" };
  },
  list_product_types: ({ database }) => ({ result: { products: Object.values(database.products).map(({ name }) => name) } }),
};

const PUBLIC = new Set(["get_product_details", "list_product_types"]);

function choicesOf(product: Product | undefined) {
  if (!product) return [];
  const variants = Object.values(product.variants);
  const available = variants.filter((variant) => variant.available);
  return [{ product: product.name, options: variants.length, available: available.length, items: available }];
}
