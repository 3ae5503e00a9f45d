import { defineTool, type OutsideDeps } from "sentient";
import { z } from "zod";
import { askOrderSystem, pathOf } from "./orders/order-system.ts";

const Input = z.strictObject({ customerId: z.string(), item: z.string() });
const Output = z.object({ orderId: z.string(), item: z.string(), total: z.number() });

export const addToOrder = defineTool({
  name: "add_to_order",
  description: "Add an accessory to a customer's order that has not left yet. What does not fit is refused.",
  effect: "write",
  asks: ["item"],
  input: Input,
  output: Output,
  // The same request on another day is another call.
  idempotencyKey: (_input, { key }) => key,
  run: async ({ customerId, ...asked }: z.infer<typeof Input>, deps: OutsideDeps) =>
    Output.parse(await askOrderSystem(pathOf(customerId, "add-ons"), asked, deps)),
});
