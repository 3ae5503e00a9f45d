import { newCustomer, type Origin } from "../domain/customer.ts";
import { interpret } from "../domain/interpret.ts";
import type { IdentityClaim } from "../domain/signal.ts";
import { customerOf } from "../domain/wake.ts";
import { getCustomer } from "../tools/get-customer.ts";
import { type AgentContext, defineAgent } from "./agent.ts";
import type { Case } from "./case.ts";
import { spokenIn } from "./message-reading.ts";

export const signalInterpreter = defineAgent({
  name: "signal-interpreter",
  purpose: "Says what a signal means for its customer: news for the record, moments that open or end, promises made or kept.",
  tools: [getCustomer.name],
  steps: {
    /** wake → the record as it is now, with the moments it opened and ended */
    async interpret({ cases }, context: AgentContext) {
      await Promise.all([...cases.values()].map((one) => interpretCase(one, context)));
    },
  },
});

// --- internal ---

async function interpretCase(one: Case, { policy, model, call, isTaken, isErased }: AgentContext): Promise<void> {
  const { wake, now } = one;
  const customerId = customerOf(wake);
  const before = (await call(getCustomer, { customerId })) ?? newCustomer(customerId, originOf(one));
  one.before = before;
  const spoken = wake.kind === "signal" ? await spokenIn(wake.signal, before, one, { policy, model }) : undefined;
  const taken = (identity: IdentityClaim) => isTaken(identity, customerId);
  one.interpreted = interpret(before, wake, { policy, now, taken, isErased, ...(spoken ? { spoken } : {}) });
}

/** A customer nobody knew: the record says which signal brought her. */
function originOf({ wake, now }: Case): Origin {
  return wake.kind === "signal" ? { kind: "signal", at: now, source: wake.signal.source, id: wake.signal.id } : { kind: "import", at: now };
}
