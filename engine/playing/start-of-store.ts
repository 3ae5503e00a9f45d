import type { Customer } from "../../domain/entities/customer.ts";
import { everyExperience, limitedInTotal, type Policy } from "../../domain/entities/policy.ts";
import { addressesHeld } from "../../domain/identity/addresses.ts";
import { EVERYONE } from "../../domain/learning/lessons.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Store } from "../../store/store.ts";
import type { PlayStart } from "./play-start.ts";
import { NOTHING_SAID } from "./played-conversations.ts";

/** What is read of a store. */
export interface StartingStore extends Pick<Store, "shared" | "totals"> {
  readonly customers: Pick<Store["customers"], "loadUnmerged" | "byIdentity">;
  readonly signals: Pick<Store["signals"], "lastSeq">;
  readonly links: Pick<Store["links"], "roots">;
  readonly canaries: Pick<Store["canaries"], "list">;
  readonly conversations: Pick<Store["conversations"], "takenOver">;
}

/**
 * What a play of the future under a policy begins with: customers of a store as they are now, read only. Of conversations, who is with a
 * human; of canaries, what became of them, and not the deliveries that their guards have counted so far.
 *
 * @param customerIds who is played; those who were merged into them come along
 * @param at the end of the recorded time
 */
export async function startOfStore(
  store: StartingStore,
  policy: Policy,
  { customerIds, at }: { readonly customerIds: readonly string[]; readonly at: Instant },
): Promise<PlayStart> {
  const played = new Set(customerIds);
  const links = [...(await store.links.roots())].filter(([, root]) => played.has(root));
  const customers: Customer[] = [];
  const optOuts: PlayStart["optOuts"][number][] = [];
  const handOffs: PlayStart["conversations"]["handOffs"][number][] = [];
  for (const ids of inChunks([...customerIds, ...links.map(([id]) => id)])) {
    const loaded = [...(await store.customers.loadUnmerged(ids, policy, at)).values()];
    const addresses = loaded.flatMap((one) => [...addressesHeld(one).values()].map(({ type, form }) => ({ type, value: form })));
    const { refusals } = await store.customers.byIdentity(addresses);
    customers.push(...loaded);
    optOuts.push(...[...refusals.values()].flat());
    for (const customerId of await store.conversations.takenOver(ids))
      handOffs.push([`with a human\n${customerId}`, { customerId, promiseId: undefined, about: null }]);
  }
  const { arms, pauses } = await store.shared(new Map());
  return {
    at,
    lastSeq: await store.signals.lastSeq(),
    ...{ customers, links, optOuts, pauses: [...pauses] },
    totals: [...(await store.totals(limitedInTotal(policy)))],
    arms: [...arms].map(([arm, { learned, habit }]) => [arm, habit && arm.startsWith(`${EVERYONE}\n`) ? habit : learned]),
    canaries: await store.canaries.list(),
    ledger: [],
    conversations: { ...NOTHING_SAID, handOffs },
  };
}

/** What of the past such a play does not begin with, where a policy would read it: a sentence each. */
export function notInStart(policy: Policy): string[] {
  const guarded = policy.experiences.filter(({ canary }) => canary !== undefined).map(({ id }) => id);
  const talks = everyExperience(policy).some(({ converse }) => converse !== undefined);
  return [
    ...(guarded.length > 0
      ? [`What canaries came to before (${guarded.join(", ")}): their guards count from the beginning of the play.`]
      : []),
    ...(talks ? ["Earlier lines of conversations: each begins anew; who is with a human stays so."] : []),
  ];
}

// --- internal ---

/** Customers of one statement. */
const CHUNK = 500;

function* inChunks(ids: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < ids.length; start += CHUNK) yield ids.slice(start, start + CHUNK);
}
