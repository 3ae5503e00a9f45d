import type { ClaimAhead } from "../agents/claim-ahead.ts";
import { retryWrite } from "./record-outcomes.ts";
import type { ToolDeps } from "./tool-deps.ts";

/** Takes back what of a claim has not begun: its rows say `reserved` again, and recovery finds them. */
export async function takeBack(claim: ClaimAhead, { store }: Pick<ToolDeps, "store">): Promise<void> {
  const ids = claim.takeBack();
  if (ids.length === 0) return;
  const release = (): Promise<void> => store.deliveries.releaseClaim(claim.name, ids);
  // Nobody waits for a store that is away.
  await release().catch(() => void retryWrite(release).catch(() => {}));
}
