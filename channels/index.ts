import type { AnyChannel } from "./channel.ts";
import { chat } from "./chat/chat.ts";
import { slackInbound } from "./chat/slack.ts";
import { file } from "./file/file.ts";
import { human } from "./human/human.ts";
import type { AnyProvider } from "./inbound/reader.ts";
import { mailgunInbound } from "./mailgun/mailgun.ts";
import { postmarkInbound } from "./postmark/postmark.ts";
import { pull } from "./pull/pull.ts";
import { push } from "./push/push.ts";
import { sendgridInbound } from "./sendgrid/sendgrid.ts";
import { smtp } from "./smtp/smtp.ts";
import { twilio } from "./twilio/twilio.ts";
import { standardWebhooksInbound } from "./webhook/inbound.ts";
import { webhook } from "./webhook/webhook.ts";

/** Every channel of the product, by its kind. */
export const channels: readonly AnyChannel[] = [smtp, twilio, push, chat, webhook, human, file, pull];

/** The services that `inbound.provider` may name: their webhooks are read on behalf of another channel. */
export const providers: readonly AnyProvider[] = [sendgridInbound, postmarkInbound, mailgunInbound, slackInbound, standardWebhooksInbound];
