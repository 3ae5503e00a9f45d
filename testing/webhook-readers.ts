import type { AnyInbound } from "../channels/inbound/webhook.ts";
import { providers } from "../channels/index.ts";
import { twilioInbound } from "../channels/twilio/inbound.ts";

/** Every reader of a provider's webhooks: the services, and the one that only its own channel has. */
export const webhookReaders: readonly ({ readonly provider: string } & AnyInbound)[] = [...providers, twilioInbound];
