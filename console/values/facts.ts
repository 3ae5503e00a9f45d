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
      if (!isFact(fact)) return { path, value: valueText(fact) };
      const doubt =
        fact.doubt ?? (fact.state === "stale" ? "too old to rest on" : fact.state === "conflict" ? "sources disagree" : undefined);
      const { source, at, age } = fact;
      return {
        path,
        value: valueText(fact.value),
        source,
        at,
        ...(age === undefined ? {} : { age }),
        ...(doubt === undefined ? {} : { doubt }),
      };
    });
}

/** A value of data on one line: a text as it is, everything else as JSON. */
export function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === undefined) return "";
  return JSON.stringify(value);
}

// --- internal ---

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
