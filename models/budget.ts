import type { BudgetLeft } from "../domain/entities/model-answer.ts";
import type { RunAccount } from "./account.ts";

/** Tokens and money together. */
export interface Amount {
  readonly tokens: number;
  readonly usd: number;
}

/** What may be spent; what is not named is not limited. */
export interface Limits {
  readonly tokens?: number | undefined;
  readonly usd?: number | undefined;
}

export interface Budget {
  readonly perRun: Limits;
  readonly perDay: Limits;
}

/** What all processes together have spent in a day. */
export interface SpendingLedger {
  /** Adds an amount if the day's limits still hold with it; false, and nothing added, when they would not. */
  reserve(day: string, amount: Amount, limits: Limits): Promise<boolean>;
  /** Corrects what was reserved by what it came to. Gives back what the day has cost by then. */
  correct(day: string, difference: Amount): Promise<Amount>;
}

/** An amount that is set aside until it is known what the call cost. */
export interface Reservation {
  /** Gives back what is left then. */
  settle(actual: Amount): Promise<BudgetLeft>;
}

/** Dollars a million tokens. */
export interface Price {
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
}

/** Sets the most that a call can cost aside before it is made, so that no budget is ever passed; undefined when it would be. */
export async function setAside(
  most: Amount,
  account: RunAccount,
  budget: Budget,
  ledger: SpendingLedger,
  day: string,
): Promise<Reservation | undefined> {
  if (!fits(account, most, budget.perRun)) return undefined;
  // Taken before the ledger is asked: two questions of one run may be put at once.
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

/** What is left of a budget; of a day only where it is known what it has cost. */
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

/** The spending of this process alone. */
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
