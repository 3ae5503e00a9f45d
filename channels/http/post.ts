import { SentientError } from "../../domain/errors.ts";
import { noTracing } from "../../telemetry/trace.ts";
import type { ChannelDeps } from "../channel.ts";
import { outcomeUnknown, rejected } from "../outcome.ts";
import { createGuardedFetch, type GuardedFetch, type GuardedRequest, type GuardedResponse } from "./guarded-fetch.ts";

/** Whether requests to an address are encrypted, or it is declared to be in our own network. */
export const isEncrypted = ({ url, allowPrivate }: { readonly url: string; readonly allowPrivate?: boolean | undefined }): boolean =>
  url.startsWith("https:") || allowPrivate === true;
export const NOT_ENCRYPTED = { path: ["url"], message: "expected https; plain http is for addresses inside (`allowPrivate: true`)" };

/** Responses that a provider, or a proxy before it, may give after it accepted the message. */
const AMBIGUOUS = [408, 425, 429];

/**
 * A POST for `send`: to public addresses, bounded in size and time, part of the trace. 2xx is the answer; other answers below
 * 500 are `rejected`, the rest and a missing answer `outcomeUnknown`. The provider's words stay out of the error: they tend
 * to repeat texts and addresses.
 *
 * @param what names the provider in errors
 * @param codesIn (of the returned function) details of a refusal, like the provider's error number or ADDRESS_GONE
 */
export function createPost(
  what: string,
  { timeoutMs = 15_000, tracing = noTracing }: Pick<ChannelDeps, "timeoutMs" | "tracing">,
  { allowPrivate = false }: { readonly allowPrivate?: boolean | undefined } = {},
): (message: Omit<GuardedRequest, "method">, codesIn?: Parameters<typeof post>[3]) => Promise<GuardedResponse> {
  const request = createGuardedFetch({ allowPrivate, timeoutMs, tracing });
  return (message, codesIn) => post(request, what, message, codesIn);
}

// --- internal ---

async function post(
  request: GuardedFetch,
  what: string,
  message: Omit<GuardedRequest, "method">,
  codesIn: (answer: GuardedResponse) => Readonly<Record<string, unknown>> = () => ({}),
): Promise<GuardedResponse> {
  const response = await reach(request, what, message);
  const { status } = response;
  if (status >= 200 && status < 300) return response;
  const details: Readonly<Record<string, unknown>> = { status, ...codesIn(response) };
  if (status >= 500 || AMBIGUOUS.includes(status)) throw outcomeUnknown(`${what} answered ${status}`, details);
  throw rejected(
    `${what} refused with ${Object.values(details)
      .filter((value) => value !== true)
      .join(", ")}`,
    details,
  );
}

async function reach(request: GuardedFetch, what: string, message: Omit<GuardedRequest, "method">): Promise<GuardedResponse> {
  try {
    return await request({ ...message, method: "POST" });
  } catch (error) {
    // Our own rules refused the target: nothing was sent.
    if (error instanceof SentientError && error.code === "BAD_INPUT") throw rejected(`${what}: ${error.message}`);
    throw error;
  }
}
