import type { Instant } from "../domain/values/time.ts";
import type { SentOne } from "./own-signals.ts";
import type { Datum } from "./signal-data.ts";

/** How long service cases take, and which are open at the end of the recorded time. */
export interface Cases {
  /** Of cases that were closed: so long after they were opened. */
  readonly closings: readonly { readonly after: number; readonly datum: Datum }[];
  readonly open: readonly { readonly customer: number; readonly caseId: string; readonly since: Instant }[];
}

/** Pairs openings with closings by the id of the case. */
export function learnCases(opened: readonly SentOne[], closed: readonly SentOne[]): Cases {
  const open = new Map<string, SentOne>();
  for (const one of opened) open.set(keyOf(one), one);
  const closings = closed.flatMap((one) => {
    const { at, datum } = one;
    const key = keyOf(one);
    const opening = open.get(key);
    if (!opening || !datum || opening.at > at) return [];
    open.delete(key);
    return [{ after: at - opening.at, datum }];
  });
  const left = [...open.values()].flatMap(({ customer, at: since, datum }) => {
    const caseId = datum?.data.caseId;
    return typeof caseId === "string" ? [{ customer, caseId, since }] : [];
  });
  return { closings: closings.slice(-MOST_CLOSINGS), open: left };
}

// --- internal ---

const MOST_CLOSINGS = 1_000;

const keyOf = ({ customer, datum }: SentOne): string => `${customer}\n${String(datum?.data.caseId)}`;
