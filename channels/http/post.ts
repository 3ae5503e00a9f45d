import { SentientError } from "../../domain/errors.ts";
import { notTaken, unclear } from "../outcome.ts";
import type { GuardedFetch, GuardedRequest, GuardedResponse } from "./guarded-fetch.ts";

/** Whether an address keeps secrets from those on the way, or is declared to be inside of our own network. */
export const isEncrypted = ({ url, allowPrivate }: { readonly url: string; readonly allowPrivate?: boolean | undefined }): boolean =>
  url.startsWith("https:") || allowPrivate === true;
export const NOT_ENCRYPTED = { path: ["url"], message: "expected https; plain http is for addresses inside (`allowPrivate: true`)" };

/** Answers that a provider, or something in front of it, may give after the message was taken. */
const AMBIGUOUS = [408, 425, 429];

/**
 * Hands a message over with one request and reads from the status what became of it: 2xx is taken, other answers below
 * 500 are refusals, and the rest does not say. What a provider writes in its answer stays out of the error: it likes to
 * repeat texts and addresses.
 */
export async function post(
  request: GuardedFetch,
  what: string,
  message: Omit<GuardedRequest, "method">,
  codesIn: (answer: GuardedResponse) => Readonly<Record<string, unknown>> = () => ({}),
): Promise<GuardedResponse> {
  const response = await reach(request, what, message);
  const { status } = response;
  if (status >= 200 && status < 300) return response;
  const details: Readonly<Record<string, unknown>> = { status, ...codesIn(response) };
  if (status >= 500 || AMBIGUOUS.includes(status)) throw unclear(`${what} answered ${status}`, details);
  throw notTaken(
    `${what} refused with ${Object.values(details)
      .filter((value) => value !== true)
      .join(", ")}`,
    details,
  );
}

// --- internal ---

async function reach(request: GuardedFetch, what: string, message: Omit<GuardedRequest, "method">): Promise<GuardedResponse> {
  try {
    return await request({ ...message, method: "POST" });
  } catch (error) {
    // A way out that is closed by our own rules leads nowhere: nothing was sent.
    if (error instanceof SentientError && error.code === "BAD_INPUT") throw notTaken(`${what}: ${error.message}`);
    throw error;
  }
}
