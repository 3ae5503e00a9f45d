import { SentientError } from "../domain/errors.ts";
import type { LookUps } from "../operations/look-ups.ts";
import type { OnStore } from "./command.ts";
import type { Io } from "./io.ts";
import { withLookUps } from "./operating.ts";

/** What a list was narrowed down to. */
interface Narrowed {
  readonly customer: string | undefined;
  readonly experience?: string | undefined;
}

/** Why a list is empty: the store does not know the customer, or the catalogue the experience, by which it was narrowed; otherwise `none`. */
export async function whyEmpty(found: readonly unknown[], narrowed: Narrowed, none: string, on: OnStore, io: Io): Promise<string> {
  const { customer, experience } = narrowed;
  if (found.length > 0 || (customer === undefined && experience === undefined)) return none;
  const unknown = await withLookUps(on, io, async (lookUps) => [
    ...(customer === undefined ? [] : await unknownIn(lookUps.customers.show({ id: customer }), `no customer ${customer} `)),
    ...(experience === undefined ? [] : await unknownIn(reportOf(lookUps, experience), `no experience ${experience} `)),
  ]);
  return unknown.length > 0 ? unknown.join("; ") : none;
}

// --- internal ---

const reportOf = ({ experiences }: LookUps, id: string): Promise<unknown> => experiences.report({ experience: id, window: "1d" });

/** The message of a look-up that finds nothing. Its other failures, as without a workspace, explain nothing about a list. */
async function unknownIn(look: Promise<unknown>, begins: string): Promise<string[]> {
  try {
    await look;
    return [];
  } catch (error) {
    return error instanceof SentientError && error.code === "NOT_FOUND" && error.message.startsWith(begins) ? [error.message] : [];
  }
}
