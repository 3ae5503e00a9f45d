import { isSameIdentity, type UndeliverableAddress } from "../entities/address.ts";
import type { Change } from "../entities/change.ts";
import type { Customer } from "../entities/customer.ts";

/** The undeliverable record of an address; undefined where the address is usable. */
export const undeliverableAt = ({ gone }: Pick<Customer, "gone">, type: string, value: string): UndeliverableAddress | undefined =>
  gone.length === 0 ? undefined : gone.find((one) => isSameIdentity(one, { type, value }));

/** Marks an address as undeliverable; an existing mark keeps its first reason. */
export const markUndeliverable = (customer: Customer, address: UndeliverableAddress): Change[] =>
  undeliverableAt(customer, address.type, address.value) ? [] : [{ type: "address_gone", address }];
