import type { Change } from "../entities/change.ts";
import type { Customer } from "../entities/customer.ts";
import type { Instant } from "../values/time.ts";
import { isSameIdentity } from "./identity.ts";

/** An address that reaches nobody any more. Nothing is sent there, until she has another one or an operator lifts it. */
export interface GoneAddress {
  /** As channels name it: `email`, `phone` or `push`. */
  readonly type: string;
  readonly value: string;
  readonly at: Instant;
  /** Who said so: `channel/<name>`. */
  readonly source: string;
  /** In the provider's numbers and our words, never in its own: those repeat addresses. */
  readonly reason: string;
}

/** Why an address of hers is not used; undefined where it is. */
export const goneAt = ({ gone }: Pick<Customer, "gone">, type: string, value: string): GoneAddress | undefined =>
  gone.length === 0 ? undefined : gone.find((one) => isSameIdentity(one, { type, value }));

/** Gives an address up; what is given up already stays as it was said first. */
export const giveUp = (customer: Customer, address: GoneAddress): Change[] =>
  goneAt(customer, address.type, address.value) ? [] : [{ type: "address_gone", address }];
