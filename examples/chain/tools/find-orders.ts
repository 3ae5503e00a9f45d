import { defineTool, type OutsideDeps } from "sentient";
import { z } from "zod";
import { askOrderSystem, pathOf } from "./orders/order-system.ts";

const Input = z.strictObject({ customerId: z.string() });
const Output = z.object({
  orders: z.array(
    z.object({
      orderId: z.string(),
      items: z.array(z.string()),
      total: z.number(),
      deliverTo: z.string(),
      state: z.string(),
      arrives: z.string(),
    }),
  ),
});

export const findOrders = defineTool({
  name: "find_orders",
  description: "Look up the orders of a customer.",
  effect: "read",
  input: Input,
  output: Output,
  run: async ({ customerId }: z.infer<typeof Input>, deps: OutsideDeps) =>
    Output.parse(await askOrderSystem(pathOf(customerId, "orders"), undefined, deps)),
});
