import { mailgunInbound } from "./mailgun.ts";
import { postmarkInbound } from "./postmark.ts";
import type { AnyProvider } from "./reader.ts";
import { sendgridInbound } from "./sendgrid.ts";
import { slackInbound } from "./slack.ts";
import { standardWebhooksInbound } from "./standard-webhooks.ts";
import { twilioInbound } from "./twilio.ts";

/** Every provider whose webhooks are read. */
export const providers: readonly AnyProvider[] = [
  mailgunInbound,
  postmarkInbound,
  sendgridInbound,
  slackInbound,
  standardWebhooksInbound,
  twilioInbound,
];
