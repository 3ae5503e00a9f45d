import { SentientError } from "../../domain/errors.ts";
import type { SealedHtml } from "../../domain/text/sealed-html.ts";
import type { Service } from "../../runtime/service.ts";
import { type AnyRoute, defineRoute } from "../route.ts";
import { problemAnswer } from "../schemas.ts";

/** A mail in a frame of the console: nothing of it runs, loads, submits or leads anywhere, and no page of others may frame it. */
const POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** Our outgoing mail as a sealed page. */
export const previewRoutes: readonly AnyRoute[] = [
  preview("/v1/deliveries/{id}/preview", "The mail of a delivery as a page that runs, loads and leads nowhere.", ({ previews }, id) =>
    previews.delivery(id),
  ),
  preview(
    "/v1/approvals/{id}/preview",
    "The mail that an approval is about, as it would go now: a page that loads nothing.",
    ({ previews }, id) => previews.approval(id),
  ),
];

// --- internal ---

function preview(
  path: `/v1/${string}/{id}/preview`,
  summary: string,
  page: (service: Service, id: string) => Promise<SealedHtml | undefined>,
): AnyRoute {
  return defineRoute({
    method: "get",
    path,
    access: "content",
    summary,
    gives: {
      200: { description: "The page, under a policy of its own.", type: "text/html" },
      404: problemAnswer("No record has that id, or it is no mail."),
    },
    async run({ service, params }) {
      const sealed = await page(service, (params as { readonly id: string }).id);
      if (!sealed) throw new SentientError("NOT_FOUND", "this message is no mail, or its text was never written: there is no page to show");
      return new Response(sealed.html, { headers: HEADERS });
    },
  });
}
