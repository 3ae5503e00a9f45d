import { mailPage } from "../delivery/mail-page.ts";
import { type ActionOutput, type MessagePreview, previewMessage, previewWake } from "../domain/deciding/preview.ts";
import { lastSeq } from "../domain/entities/customer.ts";
import { channelsOf, type Exemption, type Experience, experienceOf, isTransactional, type Policy } from "../domain/entities/policy.ts";
import { checkSignal } from "../domain/entities/signal.ts";
import type { Wake } from "../domain/entities/wake.ts";
import { SentientError } from "../domain/errors.ts";
import { type SealedHtml, sealHtml } from "../domain/text/sealed-html.ts";
import { isObject, type Json, type JsonObject } from "../domain/values/json.ts";
import { nearest } from "../domain/values/nearest.ts";
import { type Instant, iso } from "../domain/values/time.ts";
import type { Store } from "../store/store.ts";
import type { Of } from "./operation.ts";

/** An entry of the catalogue without its compiled parts. */
export interface ExperienceSummary
  extends Pick<Experience, "id" | "name" | "status" | "serves" | "value" | "lever">,
    Partial<Pick<Experience, "department" | "goal" | "limits" | "success" | "promise">> {
  /** True where its messages are outside of all that a message can be outside of; otherwise what they are outside of, or false. */
  readonly transactional: boolean | readonly Exemption[];
  readonly channels: readonly string[];
  /** The tool of its action. */
  readonly action?: string;
}

/** A preview with the page of its mail, where the channel sends mail. */
export interface RenderedMessage extends MessagePreview {
  /** The HTML part exactly as the channel sends it. */
  readonly html?: string;
  /** Targets of the mail's links, and addresses that it would load from. */
  readonly links?: SealedHtml["links"];
  readonly loads?: SealedHtml["loads"];
}

/** The message to render. */
export interface RenderRequest extends Of {
  readonly customer: string;
  /** Default: the first of the author's that consent and addresses allow. */
  readonly channel?: string | undefined;
  /** Default: the first. */
  readonly variant?: string | undefined;
  /** Tag of a language; default: the customer's. */
  readonly locale?: string | undefined;
  /** A signal (`type`, `data`) as if it had just come; its moments and data are there for the text. */
  readonly signal?: Json | undefined;
}

export const summaryOf = ({ routes, action, ...entry }: Experience): ExperienceSummary => {
  const { id, name, department, status, serves, goal, value, lever, limits, outside, success, promise } = entry;
  return {
    ...{ id, name, status, serves, value, lever, transactional: isTransactional({ outside }) || (outside.length > 0 && outside) },
    ...(department === undefined ? {} : { department }),
    ...(goal === undefined ? {} : { goal }),
    channels: channelsOf({ routes }),
    ...(action ? { action: action.tool } : {}),
    ...(limits ? { limits } : {}),
    ...(success ? { success } : {}),
    ...(promise ? { promise } : {}),
  };
};

/** An experience of the catalogue. Throws `NOT_FOUND`. */
export function experienceNamed(policy: Policy, id: string): Experience {
  const experience = experienceOf(policy, id);
  if (experience) return experience;
  const meant = nearest(
    id,
    policy.experiences.map((one) => one.id),
  );
  const hint = meant === undefined ? "" : `did you mean ${meant}? `;
  throw new SentientError("NOT_FOUND", `no experience ${id} in the catalogue; ${hint}npx sentient experiences list shows their ids`);
}

/**
 * Renders a message for a customer of the store. Nothing is sent or kept.
 *
 * @throws `NOT_FOUND` for an unknown experience, channel or customer; `BAD_INPUT` for a signal that would be refused
 */
export async function renderMessage(
  { id, customer: customerId, channel, variant, locale, signal }: RenderRequest,
  { store, policy, outputOf }: { readonly store: Store; readonly policy: Policy; readonly outputOf: ActionOutput },
  now: Instant,
): Promise<RenderedMessage> {
  const experience = experienceNamed(policy, id);
  const customer = (await store.customers.load([customerId], policy, now)).get(customerId);
  if (!customer) throw new SentientError("NOT_FOUND", `no customer ${customerId} in the store`);
  const wake: Wake =
    signal === undefined
      ? previewWake(customer.customerId, now)
      : signalWake(signal, customer.customerId, { now, seq: lastSeq(customer) + 1 });
  const preview = previewMessage(customer, wake, { experience, channel, variant, locale }, { policy, now, outputOf });
  return { ...preview, ...(preview.content ? await pageOf(preview, preview.content, policy) : {}) };
}

// --- internal ---

function signalWake(given: Json, customerId: string, { now, seq }: { readonly now: Instant; readonly seq: number }): Wake {
  if (!isObject(given)) throw new SentientError("BAD_INPUT", 'signal: expected an object such as {"type": "lease.updated", "data": {…}}');
  const { type, source = "preview", data } = given as JsonObject;
  const read = checkSignal({
    specversion: "1.0",
    id: "preview",
    source,
    type: type ?? null,
    subject: customerId,
    time: iso(now),
    data: data ?? {},
  });
  if (!read.ok) throw new SentientError("BAD_INPUT", `signal: ${read.problem}`);
  const { event } = read;
  const { id, source: from, type: named } = event;
  return { kind: "signal", signal: { id, source: from, type: named, customerId, time: now, data: (event.data ?? {}) as JsonObject, seq } };
}

/** A layout that the mail program would not get is a problem of the text. */
async function pageOf(
  { channel, problems }: MessagePreview,
  content: JsonObject,
  { channels }: Policy,
): Promise<Partial<Pick<RenderedMessage, "html" | "links" | "loads" | "problems">>> {
  try {
    const html = await mailPage(channels[channel]?.kind, content);
    if (html === undefined) return {};
    const { links, loads } = sealHtml(html);
    return { html, links, loads };
  } catch (error) {
    if (!(error instanceof SentientError)) throw error;
    const todo = "put the MJML of its body right";
    return { problems: [...problems, { code: "content_rejected", detail: error.message, todo }] };
  }
}
