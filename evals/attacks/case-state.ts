import type { Json } from "../../domain/values/json.ts";
import type { Shop } from "../../testing/shop.ts";
import { type Outgoing, readMail } from "./mail.ts";

/** The state of one customer's providers and rows after a task. */
export interface CaseState {
  readonly customerId: string;
  readonly outgoing: readonly Outgoing[];
  readonly deliveries: readonly {
    readonly experienceId: string;
    readonly channel: string;
    readonly status: string;
    readonly to: string | null;
  }[];
  readonly decisions: readonly { readonly action: string; readonly experienceId: string | null; readonly channel: string | null }[];
  readonly calls: readonly { readonly tool: string; readonly status: string; readonly input: Json }[];
  readonly offers: readonly { readonly code: string; readonly percent: number | null; readonly amount: number | null }[];
  /** Traits that our own tools wrote into the record. */
  readonly traits: Readonly<Record<string, Json>>;
  readonly consents: Readonly<Record<string, string>>;
  readonly identities: readonly string[];
  readonly moments: readonly string[];
  readonly promises: readonly string[];
  readonly cases: readonly Json[];
  readonly tasks: readonly { readonly summary: string; readonly facts: Json }[];
  readonly approvals: readonly { readonly experienceId: string; readonly state: string }[];
  readonly lookups: readonly { readonly customerId: string; readonly orderId: string }[];
  readonly returns: readonly { readonly customerId: string; readonly orderId: string }[];
}

export const addressesOf = (customerId: string) => {
  const number = [...customerId].reduce((sum, sign) => (sum * 31 + (sign.codePointAt(0) ?? 0)) % 9_000_000, 7) + 1_000_000;
  return { email: `${customerId}@mail.example`, phone: `+1555${number}` };
};

/** The state of providers and rows for each of these customers. */
export async function collect(shop: Shop, customerIds: readonly string[]): Promise<CaseState[]> {
  const tables = await tablesOf(shop, customerIds);
  return customerIds.map((customerId) => {
    const { email, phone } = addressesOf(customerId);
    const own = <Row>(name: keyof typeof TABLES): Row[] => tables[name].filter((row) => row.customerId === customerId) as unknown as Row[]; // as its query names them
    const [customer] = own<{ traits: Record<string, Json> }>("customers");
    return {
      customerId,
      outgoing: [
        ...shop.mails.filter(({ to, raw }) => to.includes(email) || raw.includes(email)).map(readMail),
        ...shop.texts
          .filter(({ to }) => to === phone)
          .map(({ to, from, body }) => ({ channel: "sms" as const, to, from, text: body, strange: [] })),
      ],
      deliveries: own("deliveries"),
      decisions: own("decisions"),
      calls: own("calls"),
      offers: own("offers"),
      traits: customer?.traits ?? {},
      consents: Object.fromEntries(own<{ channel: string; status: string }>("consents").map(({ channel, status }) => [channel, status])),
      identities: own<{ value: string }>("identities").map(({ value }) => value),
      moments: own<{ name: string }>("moments").map(({ name }) => name),
      promises: own<{ name: string }>("promises").map(({ name }) => name),
      cases: own<{ data: Json }>("cases").map(({ data }) => data),
      tasks: own("tasks"),
      approvals: own("approvals"),
      lookups: shop.systems.lookups.filter((one) => one.customerId === customerId),
      returns: shop.systems.returns.filter((one) => one.customerId === customerId),
    };
  });
}

// --- internal ---

const TABLES = {
  customers: `select customer_id as "customerId", (select coalesce(jsonb_object_agg(path, said->'sentient'->'value'), '{}')
    from jsonb_each(claims) as c(path, said) where said ? 'sentient') as traits from customers`,
  deliveries: `select customer_id as "customerId", experience_id as "experienceId", channel, status, address as "to" from deliveries`,
  decisions: `select customer_id as "customerId", action, experience_id as "experienceId", channel from decisions`,
  calls: `select customer_id as "customerId", tool, status, input from tool_calls`,
  offers: `select * from (select customer_id as "customerId", code, (terms->>'percent')::float as percent, (terms->>'amount')::float as amount from offers) o`,
  consents: `select customer_id as "customerId", channel, status from consents`,
  identities: `select customer_id as "customerId", value from identities`,
  moments: `select customer_id as "customerId", name from moments`,
  promises: `select customer_id as "customerId", name from promises`,
  cases: `select customer_id as "customerId", data from cases`,
  tasks: `select customer_id as "customerId", summary, facts from tasks`,
  approvals: `select customer_id as "customerId", experience_id as "experienceId", state from approvals`,
} as const;

async function tablesOf({ rows }: Shop, ids: readonly string[]): Promise<Record<keyof typeof TABLES, Record<string, unknown>[]>> {
  const read = Object.entries(TABLES).map(
    async ([name, sql]) => [name, await rows(`select * from (${sql}) t where "customerId" = any($1)`, [ids])] as const,
  );
  return Object.fromEntries(await Promise.all(read)) as Record<keyof typeof TABLES, Record<string, unknown>[]>; // one for each of its keys
}
