import type { MailBody } from "../channels/smtp/mail-body.ts";
import { smtp } from "../channels/smtp/smtp.ts";
import type { JsonObject } from "../domain/values/json.ts";

/**
 * The HTML part that a channel of this kind sends for a content; undefined where it sends no mail. Throws the rejection that a send
 * would end with.
 */
export async function mailPage(kind: string | undefined, content: JsonObject): Promise<string | undefined> {
  return (await mailOf(kind, content))?.html;
}

/** The same with the plain text that goes beside it. */
export async function mailOf(kind: string | undefined, { body }: JsonObject): Promise<MailBody | undefined> {
  if (kind !== smtp.kind) return undefined;
  // The layout engine is loaded on demand: few processes need it.
  const { mailBodyOf } = await import("../channels/smtp/mail-body.ts");
  return mailBodyOf(String(body ?? ""));
}
