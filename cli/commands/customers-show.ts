import { SentientError } from "../../domain/errors.ts";
import { profileOf } from "../../domain/profile.ts";
import { type Command, DONE } from "../command.ts";
import { profileLines } from "../views/profile.ts";
import { withStore, workspaceOfStore } from "../with-store.ts";

export const command: Command = {
  run: (args, io) =>
    withStore(args, io, async (store) => {
      const [customerId = ""] = args.positionals;
      const { policy } = await workspaceOfStore(args, io, store);
      const now = io.now();
      // Touches and promises are shown as the record has them, not only as far back as the policy counts.
      const customer = (await store.customers.load([customerId], { ...policy, touchWindow: now }, now)).get(customerId);
      if (!customer) throw new SentientError("NOT_FOUND", `no customer ${customerId} in the store`);
      const profile = profileOf(customer, policy, now);
      if (args.options.json === true) io.out(JSON.stringify(profile));
      else for (const line of profileLines(profile, io.paint)) io.out(line);
      return DONE;
    }),
};
