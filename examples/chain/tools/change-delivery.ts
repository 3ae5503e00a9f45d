import { defineTool, type OutsideDeps } from "sentient";
import { z } from "zod";
import { askOrderSystem, pathOf } from "./orders/order-system.ts";

const Input = z.strictObject({ customerId: z.string(), address: z.string() });
const Output = z.object({ orderId: z.string(), deliverTo: z.string(), arrives: z.string() });

export const changeDelivery = defineTool({
  name: "change_delivery",
  description: "Change where a customer's order goes, until it leaves.",
  effect: "write",
  asks: ["address"],
  input: Input,
  output: Output,
  // The same request on another day is another call.
  idempotencyKey: (_input, { key }) => key,
  run: async ({ customerId, ...asked }: z.infer<typeof Input>, deps: OutsideDeps) =>
    Output.parse(await askOrderSystem(pathOf(customerId, "delivery"), asked, deps)),
});
