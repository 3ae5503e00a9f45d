import { defineTool, type OutsideDeps } from "sentient";
import { z } from "zod";
import { askOrderSystem, pathOf } from "./orders/order-system.ts";

const Input = z.strictObject({ customerId: z.string() });
const Output = z.object({ addOns: z.array(z.object({ item: z.string(), price: z.number(), fits: z.string() })) });

export const findAddOns = defineTool({
  name: "find_add_ons",
  description: "Look up accessories that fit what a customer has ordered.",
  effect: "read",
  input: Input,
  output: Output,
  run: async ({ customerId }: z.infer<typeof Input>, deps: OutsideDeps) =>
    Output.parse(await askOrderSystem(pathOf(customerId, "add-ons"), undefined, deps)),
});
