import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { SentientError } from "../../../domain/errors.ts";
import { canonicalJson } from "../../../domain/values/json.ts";

const Address = z.object({
  ...{ address1: z.string(), address2: z.string(), city: z.string(), state: z.string(), country: z.string(), zip: z.string() },
});
const Item = z.object({
  name: z.string(),
  product_id: z.string(),
  item_id: z.string(),
  price: z.number(),
  options: z.record(z.string(), z.string()),
});
const Payment = z.object({ transaction_type: z.string(), amount: z.number(), payment_method_id: z.string() });
const Method = z.looseObject({ source: z.string(), id: z.string(), balance: z.number().optional() });
const Order = z.looseObject({
  ...{ order_id: z.string(), user_id: z.string(), address: Address, items: z.array(Item), status: z.string() },
  payment_history: z.array(Payment),
});
const User = z.looseObject({
  ...{
    user_id: z.string(),
    email: z.string(),
    address: Address,
    orders: z.array(z.string()),
    payment_methods: z.record(z.string(), Method),
  },
  name: z.object({ first_name: z.string(), last_name: z.string() }),
});
const Variant = z.object({ item_id: z.string(), options: z.record(z.string(), z.string()), available: z.boolean(), price: z.number() });
const Product = z.object({ name: z.string(), product_id: z.string(), variants: z.record(z.string(), Variant) });
const Database = z.object({
  products: z.record(z.string(), Product),
  users: z.record(z.string(), User),
  orders: z.record(z.string(), Order),
});

export type Address = z.infer<typeof Address>;
export type Order = z.infer<typeof Order>;
export type User = z.infer<typeof User>;
export type Product = z.infer<typeof Product>;
export type Database = z.infer<typeof Database>;

const Action = z.looseObject({ name: z.string(), arguments: z.record(z.string(), z.union([z.string(), z.array(z.string()), z.json()])) });
const Task = z.looseObject({
  id: z.string(),
  user_scenario: z.looseObject({
    instructions: z.looseObject({ reason_for_call: z.string(), known_info: z.string().nullish(), task_instructions: z.string().nullish() }),
  }),
  evaluation_criteria: z.looseObject({
    actions: z
      .array(Action)
      .nullish()
      .transform((actions) => actions ?? []),
    communicate_info: z
      .array(z.string())
      .nullish()
      .transform((info) => info ?? []),
  }),
});
export type Action = z.infer<typeof Action>;
export type Task = z.infer<typeof Task>;

/** A shop with the tasks that customers bring to it. */
export interface Retail {
  readonly name: string;
  readonly database: Database;
  /** The policy of the shop's agents, as text. */
  readonly rules: string;
  readonly tasks: readonly Task[];
}

/** Reads `db.json`, `policy.md` and `tasks.json` of tau-bench's retail domain from a folder; undefined if the folder has none. */
export function readRetail(dir: string, name: string): Retail | undefined {
  const [db, policy, tasks] = ["db.json", "policy.md", "tasks.json"].map((file) => join(dir, file));
  if (!(db && policy && tasks) || ![db, policy, tasks].every((file) => existsSync(file))) return undefined;
  return {
    name,
    database: parse(Database, db),
    rules: readFileSync(policy, "utf8"),
    tasks: parse(z.array(Task), tasks),
  };
}

/** The shop as one trial changes it: the orders and users of others stay as they are. */
export class Changes {
  readonly database: Database;
  private readonly orders = new Map<string, Order>();
  private readonly users = new Map<string, User>();

  constructor(database: Database) {
    this.database = database;
  }

  order = (id: string): Order | undefined => this.orders.get(id) ?? own(this.database.orders, id);
  user = (id: string): User | undefined => this.users.get(id) ?? own(this.database.users, id);

  /** Returns the order to change: a copy of the original. */
  changeOrder(id: string): Order {
    return changed(this.orders, id, this.database.orders);
  }

  changeUser(id: string): User {
    return changed(this.users, id, this.database.users);
  }

  /** All changes as text: equal for two trials exactly if they ended alike. */
  summary(): string {
    const differs = <T>(kept: Map<string, T>, before: Record<string, T>) =>
      [...kept].filter(([id, value]) => canonicalJson(value) !== canonicalJson(before[id]));
    return canonicalJson({
      orders: Object.fromEntries(differs(this.orders, this.database.orders)),
      users: Object.fromEntries(differs(this.users, this.database.users)),
    });
  }
}

// --- internal ---

const own = <T>(record: Record<string, T>, id: string): T | undefined => (Object.hasOwn(record, id) ? record[id] : undefined);

function changed<T>(kept: Map<string, T>, id: string, before: Record<string, T>): T {
  const known = kept.get(id) ?? structuredClone(own(before, id));
  if (known === undefined) throw new Error(`${id} is not in the database`);
  kept.set(id, known);
  return known;
}

function parse<T>(schema: z.ZodType<T>, file: string): T {
  const parsed = schema.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new SentientError("BAD_INPUT", `${file}: ${issue?.path.join(".")}: ${issue?.message}`);
}
