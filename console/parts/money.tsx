import type { ReactNode } from "react";
import { amount } from "../values/numbers.ts";

/** An amount, and its currency where it is known. */
export const Money = ({ value, currency }: { readonly value: number; readonly currency?: string }): ReactNode => (
  <data value={String(value)}>{amount(value, currency)}</data>
);
