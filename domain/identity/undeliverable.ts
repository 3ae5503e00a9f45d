import { isSameIdentity, type UndeliverableAddress } from "../entities/address.ts";
import type { Change } from "../entities/change.ts";
import type { Customer } from "../entities/customer.ts";

/** Why an address of hers is not used; undefined where it is. */
export const undeliverableAt = ({ gone }: Pick<Customer, "gone">, type: string, value: string): UndeliverableAddress | undefined =>
  gone.length === 0 ? undefined : gone.find((one) => isSameIdentity(one, { type, value }));

/** Gives an address up; what is given up already stays as it was said first. */
export const markUndeliverable = (customer: Customer, address: UndeliverableAddress): Change[] =>
  undeliverableAt(customer, address.type, address.value) ? [] : [{ type: "address_gone", address }];
