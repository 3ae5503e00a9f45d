import pg from "pg";

/** A signal of the load generator, as far as the plain subjects read it. */
export interface Bought {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly data: { readonly n: string; readonly amount: number };
}

/** The customer as a decision reads it: her row, and her touches of the last seven days. */
export interface Known {
  readonly customer_id: string;
  readonly first_name: string | null;
  readonly consent: string | null;
  readonly touches: number;
}

const CAP = 1_000_000;
const OFFERS = [3, 2, 1].map((value, place) => ({ experience: ["one", "two", "three"][place] ?? "", value }));

/** The columns of `Known`, of a row of `customers c`. */
export const KNOWN = `
select customer_id, first_name, consent, (select count(*)::int from deliveries d where d.customer_id = c.customer_id and d.at > now() - interval '7 days') as touches
  from customers c`;

/**
 * Opens a database for the plain subjects, with its tables and customers.
 *
 * @param inbox whether signals are kept as rows until they are decided
 */
export async function openPlainStore(customers: number, connections: number, { inbox }: { readonly inbox: boolean }): Promise<pg.Pool> {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: connections, options: "-c jit=off" });
  await pool.query(`
create table customers (customer_id text primary key, first_name text, consent text);
create table decisions (decision_id text primary key, customer_id text not null, at timestamptz not null, experience text, record jsonb not null);
create table deliveries (delivery_id text primary key, customer_id text not null, at timestamptz not null, content jsonb not null);
create index on deliveries (customer_id, at);
${inbox ? "create table inbox (source text, id text, customer_id text not null, event jsonb not null, primary key (source, id));" : ""}`);
  await pool.query("insert into customers select 'c-' || n, 'Name ' || n, 'granted' from generate_series(0, $1::int - 1) n", [customers]);
  await pool.query("analyze");
  return pool;
}

/** Rules, a cap, the best of three, and a text: the rows of a decision and its delivery, or nothing. */
export function decideOne({ id, data: { n, amount }, subject }: Bought, known: Known | undefined) {
  if (!known || known.first_name === null || known.consent !== "granted" || known.touches >= CAP) return undefined;
  const scored = OFFERS.map(({ experience, value }) => ({ experience, score: 0.5 * value * (amount > 50 ? 1 + value / 10 : 1) }));
  const best = scored.reduce((first, one) => (one.score > first.score ? one : first));
  const text = render("Hello {{ name }}, you bought for {{ amount }}", { name: known.first_name, amount: String(amount) });
  return { id, customer_id: subject, experience: best.experience, record: { scored }, content: { n, text } };
}

// --- internal ---

const render = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replaceAll(/\{\{ (\w+) \}\}/g, (_, name: string) => values[name] ?? "");
