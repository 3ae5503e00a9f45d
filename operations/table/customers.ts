import { z } from "zod";
import { peopleLookUps, touchLine } from "../people/table.ts";
import { CustomerExport, ErasureView, LiftOutcome, MergeOutcome, SplitView } from "../views.ts";
import { JudgementView } from "../why/views.ts";
import { act, Nothing } from "./declared.ts";

// One customer: what is looked up, and what is done with the record.

export const customerLookUps = {
  ...peopleLookUps.customers,
  judgement: act(
    "read",
    "/v1/customers/{id}/judgement",
    "How a customer would be judged if woken now; nothing is written and no language model is asked.",
    Nothing,
    JudgementView,
  ),
} as const;

export const customerChanges = {
  touch: touchLine,
  export: act("person", "/v1/customers/{id}/export", "Everything held about a person, as one document.", Nothing, CustomerExport),
  erase: act(
    "person",
    "/v1/customers/{id}/erase",
    "Erases everything held about a person; only keyed hashes of the addresses stay.",
    Nothing,
    ErasureView,
  ),
  lift: act(
    "person",
    "/v1/customers/{id}/lift",
    "Makes one undeliverable address, or all of them, usable again.",
    z.object({ address: z.string().min(1).max(4_000).optional() }),
    LiftOutcome,
  ),
  merge: act(
    "person",
    "/v1/customers/{id}/merge",
    "Merges a customer into another one; both source records stay.",
    z.object({ into: z.string("expected into, the id of the other customer").min(1).max(512) }),
    MergeOutcome,
  ),
  split: act("person", "/v1/customers/{id}/split", "Removes the link of a merge; both customers are separate again.", Nothing, SplitView),
} as const;
