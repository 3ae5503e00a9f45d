/** A fact for a table: what it is called, its value as text, and where it comes from. */
export interface FactRow {
  readonly path: string;
  readonly value: string;
  readonly source?: string;
  readonly at?: string;
  /** How old it was when a text stated it. */
  readonly age?: string;
  /** Why it is not certain: stale, disputed. */
  readonly doubt?: string;
}

/** Facts as a record keeps them, each with value, source and time; anything else is a plain value. Sorted by name. */
export function factRows(facts: Readonly<Record<string, unknown>>): readonly FactRow[] {
  return Object.entries(facts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, fact]) => {
      if (!isFact(fact)) return { path, value: valueWords(fact) };
      const doubt =
        fact.doubt ?? (fact.state === "stale" ? "too old to rest on" : fact.state === "conflict" ? "sources disagree" : undefined);
      const { source, at, age } = fact;
      return {
        path,
        value: valueWords(fact.value),
        source,
        at,
        ...(age === undefined ? {} : { age }),
        ...(doubt === undefined ? {} : { doubt }),
      };
    });
}

/** A value of data in words, on one line: `keep_driving, save`, `vans: 6, since: 2024`; nothing of it is left out. */
export function valueWords(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(within).join(", ");
  if (typeof value !== "object" || value === null) return value === null || value === "" ? "none" : valueText(value);
  const members = Object.entries(value);
  return members.length === 0 ? "none" : members.map(([name, member]) => `${name}: ${within(member)}`).join(", ");
}

/** A value of data on one line: a text as it is, everything else as JSON. */
export function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === undefined) return "";
  return JSON.stringify(value);
}

// --- internal ---

/** A value within another one: where it has parts itself it is in brackets. */
const within = (value: unknown): string =>
  typeof value === "object" && value !== null && Object.keys(value).length > 1 ? `(${valueWords(value)})` : valueWords(value);

interface Fact {
  readonly value: unknown;
  readonly source: string;
  readonly at: string;
  readonly age?: string;
  readonly state?: string;
  readonly doubt?: string;
}

const isFact = (fact: unknown): fact is Fact =>
  typeof fact === "object" && fact !== null && "value" in fact && "source" in fact && typeof (fact as Fact).at === "string";
