import { z } from "zod";
import type { Customer } from "../domain/entities/customer.ts";
import { defineTool } from "./tool.ts";

/** Loads customers; several calls that come together are one statement. */
export interface CustomerSource {
  load(customerId: string): Promise<Customer | undefined>;
}

export const getCustomer = defineTool({
  name: "get_customer",
  description: "Look up everything that deciding about a customer needs: the record, consents, open moments, promises and touches.",
  effect: "read",
  input: z.strictObject({ customerId: z.string().min(1) }),
  // Our own rows, made by our own code: checking each field again for every wake would cost more than deciding.
  output: z.custom<Customer | undefined>(
    (value) => value === undefined || (typeof value === "object" && value !== null && "customerId" in value),
  ),
  run: ({ customerId }, { customers }: { readonly customers: CustomerSource }) => customers.load(customerId),
});
