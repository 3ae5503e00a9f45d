import type { AnyInbound } from "../channels/inbound/webhook.ts";
import { providers } from "../channels/index.ts";
import { twilioInbound } from "../channels/twilio/inbound.ts";

/** Every reader of provider webhooks: those of the services, and the one that belongs to a channel. */
export const webhookReaders: readonly ({ readonly provider: string } & AnyInbound)[] = [...providers, twilioInbound];
