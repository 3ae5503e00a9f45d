import { z } from "zod";

/** Schemas that the options and contents of several channels share. */

export const flag = z.boolean("expected true or false");
export const someText = z.string("expected text").min(1, "expected text, not an empty string");
export const line = z.string("expected text");
export const webAddress = (error: string) => z.url({ protocol: /^https?$/, error });

/** The message of a refinement that `check` skips: a workspace is valid without working credentials. */
export const whenLive = (error: string): { error: string; params: { whenLive: true } } => ({ error, params: { whenLive: true } });
