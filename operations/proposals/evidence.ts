import { SentientError } from "../../domain/errors.ts";
import { nearest } from "../../domain/values/nearest.ts";
import type { Store } from "../../store/store.ts";
import type { ProposalView } from "./views.ts";

/** The most records that one proposal rests on. */
export const MOST_EVIDENCE = 100;

type Records = Pick<Store, "finding">;

/** Kinds of records that can be evidence. A customer is none: the proposal would hold a name of hers after she is erased. */
const KINDS = ["decision", "run", "delivery", "task"] as const;

/**
 * The whole ids of records that are given by ids or their beginnings.
 *
 * @throws BAD_INPUT with every id that names no record, or several, and the nearest one
 */
export async function evidenceOf(ids: readonly string[], { finding }: Records): Promise<string[]> {
  if (ids.length > MOST_EVIDENCE) throw new SentientError("BAD_INPUT", `${ids.length} ids as evidence; expected at most ${MOST_EVIDENCE}`);
  const found: string[] = [];
  const problems: string[] = [];
  for (const id of ids) {
    const records = id.length < LEAST_BEGINNING ? [] : await finding.byId(id, 2);
    const fitting = records.filter(({ kind }) => (KINDS as readonly string[]).includes(kind));
    const exact = fitting.find((one) => one.id === id);
    const [only, other] = exact ? [exact] : fitting;
    if (only && !other) found.push(only.id);
    else problems.push(await problemOf(id, { isSeveral: other !== undefined, isCustomer: records.some((one) => one.id === id) }, finding));
  }
  if (problems.length > 0) throw new SentientError("BAD_INPUT", problems.join("\n"), { isList: true });
  return [...new Set(found)];
}

/** The records that evidence names, as they are now. */
export async function recordsOf(ids: readonly string[], { finding }: Records): Promise<ProposalView["records"]> {
  const records = await Promise.all(
    ids.map(async (id) => {
      const one = (await finding.byId(id, 1)).find((found) => found.id === id);
      if (!one || one.kind === "customer") return { id, kind: "gone" as const };
      return { id, kind: one.kind, ...(one.customerId === null ? {} : { customerId: one.customerId }) };
    }),
  );
  return records;
}

// --- internal ---

const LEAST_BEGINNING = 6;

/** As many letters of a misspelt id are taken to be right when the nearest one is looked for. */
const RIGHT = 5;

async function problemOf(
  id: string,
  { isSeveral, isCustomer }: { readonly isSeveral: boolean; readonly isCustomer: boolean },
  finding: Records["finding"],
): Promise<string> {
  if (isSeveral) return `evidence ${id}: several records begin so; give more of the id`;
  if (isCustomer) return `evidence ${id}: is a customer; name decisions, deliveries, runs or tasks of hers`;
  const near = nearest(
    id,
    (await finding.byId(id.slice(0, RIGHT), 200)).filter(({ kind }) => kind !== "customer").map((one) => one.id),
  );
  const meant = near === undefined ? "npx sentient decisions list shows ids" : `did you mean ${near}?`;
  return `evidence ${id}: no decision, delivery, run or task has this id; ${meant}`;
}
