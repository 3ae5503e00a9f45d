// Numbers as people read them. The formats are made once: making one costs a hundred times what it takes to use it.

const NUMBER = new Intl.NumberFormat("en-GB");
const PERCENT = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });
const SMALL_PERCENT = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 });
const FIGURE = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 4 });
const AMOUNT = new Intl.NumberFormat("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const LIST = new Intl.ListFormat("en-GB", { type: "conjunction" });
const money = new Map<string, Intl.NumberFormat>();

/** `1,204`. */
export const count = (value: number): string => NUMBER.format(value);

/** `61 %`, with one decimal below ten. */
export function share(value: number): string {
  const percent = value * 100;
  return `${(Math.abs(percent) < 10 ? SMALL_PERCENT : PERCENT).format(percent)} %`;
}

/** `1 task`, `2 tasks`. */
export const counted = (value: number, one: string, several = `${one}s`): string => `${count(value)} ${value === 1 ? one : several}`;

/** `No task`, `The latest task`, `The latest 2 tasks`. */
export const latest = (value: number, one: string, several = `${one}s`): string =>
  value === 0 ? `No ${one}` : value === 1 ? `The latest ${one}` : `The latest ${count(value)} ${several}`;

/** Up to four significant digits: a propensity or a priority. */
export const figure = (value: number): string => FIGURE.format(value);

/** An amount; the currency where it is known. */
export function amount(value: number, currency?: string): string {
  if (currency === undefined) return AMOUNT.format(value);
  const format = money.get(currency) ?? new Intl.NumberFormat("en-GB", { style: "currency", currency });
  money.set(currency, format);
  return format.format(value);
}

/** A list in a sentence: `a, b and c`. */
export const listed = (words: readonly string[]): string => LIST.format(words);
