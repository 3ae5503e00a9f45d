import type { ActionOutput } from "../../domain/deciding/preview.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { type SealedHtml, sealHtml } from "../../domain/text/sealed-html.ts";
import type { Store } from "../../store/store.ts";
import { showApproval } from "../approvals.ts";
import { type OperationDeps, storeTime } from "../deps.ts";
import { sealedDelivery } from "./records.ts";

/** Mails as sealed pages: what a browser shows of them runs, loads and leads nowhere. */
export interface Previews {
  /** A mail that was written; undefined where the delivery is none. Throws `NOT_FOUND`. */
  delivery(id: string): Promise<SealedHtml | undefined>;
  /** The mail that an approval is about, as it would go now; undefined where it is none. Throws `NOT_FOUND`. */
  approval(id: string): Promise<SealedHtml | undefined>;
}

export interface PreviewsDeps extends Pick<OperationDeps, "now"> {
  readonly store: Store;
  readonly policy: Policy;
  readonly outputOf: ActionOutput;
}

export function createPreviews(deps: PreviewsDeps): Previews {
  return {
    delivery: (id) => sealedDelivery(id, deps),
    async approval(id) {
      const { html } = await showApproval(id, deps, (await storeTime(deps)).at);
      return html === undefined ? undefined : sealHtml(html);
    },
  };
}
