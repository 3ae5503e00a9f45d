import { z } from "zod";
import { idFrom } from "../domain/entities/wake.ts";
import { openPromise as open } from "../domain/moments/promises.ts";
import { DAY, iso, parseDuration } from "../domain/values/time.ts";
import { defineTool } from "./tool.ts";

const duration = z.string().refine((text) => parseDuration(text) !== undefined, "expected a duration like 7d");

export const openPromise = defineTool({
  name: "open_promise",
  description: "Write down something that is owed to the customer, with an owner and a due time.",
  effect: "record",
  asks: [],
  confirm: false,
  input: z.strictObject({ name: z.string().min(1), due: duration, owner: z.string().min(1) }),
  output: z.object({ promiseId: z.string(), due: z.string() }),

  apply({ name, due, owner }, { customer, key, now }) {
    const known = customer.promises.find((promise) => promise.name === name);
    if (known) return { changes: [], output: { promiseId: known.promiseId, due: iso(known.due) } };
    const promise = {
      promiseId: idFrom("p", name, key),
      name,
      owner,
      openedAt: now,
      due: now + (parseDuration(due) ?? DAY),
      openedBy: [key],
      overdue: false,
    };
    return { changes: open(promise), output: { promiseId: promise.promiseId, due: iso(promise.due) } };
  },
});
