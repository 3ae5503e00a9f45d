import { slackInbound } from "../chat/slack.ts";
import { mailgunInbound } from "../mailgun/mailgun.ts";
import { postmarkInbound } from "../postmark/postmark.ts";
import { sendgridInbound } from "../sendgrid/sendgrid.ts";
import { twilioInbound } from "../twilio/inbound.ts";
import { standardWebhooksInbound } from "../webhook/inbound.ts";
import type { AnyProvider } from "./reader.ts";

/** Every provider whose webhooks are read. */
export const providers: readonly AnyProvider[] = [
  mailgunInbound,
  postmarkInbound,
  sendgridInbound,
  slackInbound,
  standardWebhooksInbound,
  twilioInbound,
];
