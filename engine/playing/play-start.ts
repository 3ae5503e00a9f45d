import type { Pause } from "../../domain/deciding/pause.ts";
import type { AddressRefusal } from "../../domain/entities/address.ts";
import type { Customer } from "../../domain/entities/customer.ts";
import type { ArmState } from "../../domain/learning/teach.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { KeptCanary } from "../../store/store.ts";
import type { SaidBefore } from "./played-conversations.ts";
import type { LedgerEntry } from "./played-deliveries.ts";

/** Where a play of the future begins: everything that decisions rest on at the end of the recorded time. Plain data, so that a thread gets it. */
export interface PlayStart {
  readonly at: Instant;
  /** Order of arrival of the last signal. */
  readonly lastSeq: number;
  /** Each with her own record: merged ones too. */
  readonly customers: readonly Customer[];
  /** Merged customers, and the surviving one of each. */
  readonly links: readonly (readonly [customerId: string, root: string])[];
  /** Slots used by experiences. */
  readonly totals: readonly (readonly [experienceId: string, used: number])[];
  readonly arms: readonly (readonly [arm: string, state: ArmState])[];
  readonly optOuts: readonly AddressRefusal[];
  readonly canaries: readonly KeptCanary[];
  /** Deliveries that the guards of canaries count. */
  readonly ledger: readonly (readonly [deliveryId: string, entry: LedgerEntry])[];
  /** What was said in conversations, and those that a human has taken over. */
  readonly conversations: SaidBefore;
  readonly pauses: readonly Pause[];
}
