import type { BudgetLeft } from "../domain/entities/model-answer.ts";
import type { RunAccount } from "./account.ts";

/** Tokens and money. */
export interface Amount {
  readonly tokens: number;
  readonly usd: number;
}

/** Spending limits; an omitted one is unlimited. */
export interface Limits {
  readonly tokens?: number | undefined;
  readonly usd?: number | undefined;
}

export interface Budget {
  readonly perRun: Limits;
  readonly perDay: Limits;
}

/** Daily spending of all processes together. */
export interface SpendingLedger {
  /** Adds an amount if the day's limits still hold with it; otherwise returns false and adds nothing. */
  reserve(day: string, amount: Amount, limits: Limits): Promise<boolean>;
  /** Replaces a reservation by the actual amount. Returns the day's spending afterwards. */
  correct(day: string, difference: Amount): Promise<Amount>;
}

/** An amount reserved until the cost of the call is known. */
export interface Reservation {
  /** Returns the remaining budget. */
  settle(actual: Amount): Promise<BudgetLeft>;
}

/** Dollars per million tokens. */
export interface Price {
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
}

/** Reserves the maximum cost of a call in advance, so that no budget is ever exceeded; undefined where it would be. */
export async function setAside(
  most: Amount,
  account: RunAccount,
  budget: Budget,
  ledger: SpendingLedger,
  day: string,
): Promise<Reservation | undefined> {
  if (!fits(account, most, budget.perRun)) return undefined;
  // Added before the ledger's asynchronous check: a run may make two calls at once.
  add(account, most);
  if (!(await ledger.reserve(day, most, budget.perDay))) {
    add(account, negative(most));
    return undefined;
  }
  return {
    async settle(actual) {
      const difference = { tokens: actual.tokens - most.tokens, usd: actual.usd - most.usd };
      add(account, difference);
      return leftOf(budget, account, await ledger.correct(day, difference));
    },
  };
}

/** Remaining budget; for a day only where its spending is known. */
export function leftOf({ perRun, perDay }: Budget, run: Amount, day?: Amount): BudgetLeft {
  const left = (name: string, limit: number | undefined, spent: number | undefined) =>
    limit === undefined || spent === undefined ? {} : { [name]: Math.round((limit - spent) * 1e6) / 1e6 };
  return {
    ...left("runTokens", perRun.tokens, run.tokens),
    ...left("runUsd", perRun.usd, run.usd),
    ...left("dayTokens", perDay.tokens, day?.tokens),
    ...left("dayUsd", perDay.usd, day?.usd),
  };
}

/** A ledger for this process alone. */
export function createMemoryLedger(): SpendingLedger {
  const days = new Map<string, { tokens: number; usd: number }>();
  const spentOn = (day: string) => {
    const spent = days.get(day) ?? { tokens: 0, usd: 0 };
    days.set(day, spent);
    return spent;
  };
  return {
    async reserve(day, amount, limits) {
      const spent = spentOn(day);
      if (!fits(spent, amount, limits)) return false;
      add(spent, amount);
      return true;
    },
    async correct(day, difference) {
      add(spentOn(day), difference);
      return { ...spentOn(day) };
    },
  };
}

export const priceOf = (inputTokens: number, outputTokens: number, { inputPerMillion, outputPerMillion }: Price): number =>
  (inputTokens * inputPerMillion + outputTokens * outputPerMillion) / 1_000_000;

// --- internal ---

interface Spent {
  tokens: number;
  usd: number;
}

const fits = (spent: Spent, amount: Amount, { tokens = Number.POSITIVE_INFINITY, usd = Number.POSITIVE_INFINITY }: Limits): boolean =>
  spent.tokens + amount.tokens <= tokens && spent.usd + amount.usd <= usd;

function add(spent: Spent, { tokens, usd }: Amount): void {
  spent.tokens += tokens;
  spent.usd += usd;
}

const negative = ({ tokens, usd }: Amount): Amount => ({ tokens: -tokens, usd: -usd });
