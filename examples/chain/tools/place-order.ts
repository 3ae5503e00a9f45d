import { defineTool, type OutsideDeps } from "sentient";
import { z } from "zod";
import { askOrderSystem, pathOf } from "./orders/order-system.ts";

const Input = z.strictObject({ customerId: z.string(), item: z.string() });
const Output = z.object({ orderId: z.string(), item: z.string(), total: z.number(), arrives: z.string() });

export const placeOrder = defineTool({
  name: "place_order",
  description: "Order something for a customer, to the address that the shop has.",
  effect: "write",
  asks: ["item"],
  input: Input,
  output: Output,
  // The same request on another day is another call.
  idempotencyKey: (_input, { key }) => key,
  run: async ({ customerId, ...asked }: z.infer<typeof Input>, deps: OutsideDeps) =>
    Output.parse(await askOrderSystem(pathOf(customerId, "orders"), asked, deps)),
});
