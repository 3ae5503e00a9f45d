import { defineTool, type OutsideDeps } from "sentient";
import { z } from "zod";
import { askOrderSystem, pathOf } from "./orders/order-system.ts";

const Input = z.strictObject({ customerId: z.string(), item: z.string(), reason: z.string() });
const Output = z.object({ returnId: z.string(), item: z.string() });

export const startReturn = defineTool({
  name: "start_return",
  description: "Take something back that a customer has ordered.",
  effect: "write",
  asks: ["item", "reason"],
  input: Input,
  output: Output,
  // The same request on another day is another call.
  idempotencyKey: (_input, { key }) => key,
  run: async ({ customerId, ...asked }: z.infer<typeof Input>, deps: OutsideDeps) =>
    Output.parse(await askOrderSystem(pathOf(customerId, "returns"), asked, deps)),
});
