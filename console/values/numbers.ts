// Numbers as people read them.

/** `1,204`. */
export const count = (value: number): string => new Intl.NumberFormat("en-GB").format(value);

/** `61 %`, with one decimal below ten. */
export function share(value: number): string {
  const percent = value * 100;
  return `${new Intl.NumberFormat("en-GB", { maximumFractionDigits: Math.abs(percent) < 10 ? 1 : 0 }).format(percent)} %`;
}

/** `1 task`, `2 tasks`. */
export const counted = (value: number, one: string, several = `${one}s`): string => `${count(value)} ${value === 1 ? one : several}`;

/** `No task`, `The latest task`, `The latest 2 tasks`. */
export const latest = (value: number, one: string, several = `${one}s`): string =>
  value === 0 ? `No ${one}` : value === 1 ? `The latest ${one}` : `The latest ${count(value)} ${several}`;

/** Up to four significant digits: a propensity or a priority. */
export const figure = (value: number): string => new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 4 }).format(value);

/** An amount; the currency where it is known. */
export const amount = (value: number, currency?: string): string =>
  currency === undefined
    ? new Intl.NumberFormat("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value)
    : new Intl.NumberFormat("en-GB", { style: "currency", currency }).format(value);

/** A list in a sentence: `a, b and c`. */
export const listed = (words: readonly string[]): string => new Intl.ListFormat("en-GB", { type: "conjunction" }).format(words);
