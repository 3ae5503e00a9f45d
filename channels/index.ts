import type { AnyChannel } from "./channel.ts";
import { chat } from "./chat/chat.ts";
import { file } from "./file/file.ts";
import { push } from "./push/push.ts";
import { smtp } from "./smtp/smtp.ts";
import { twilio } from "./twilio/twilio.ts";
import { webhook } from "./webhook/webhook.ts";

/** Every channel that can send live, by its kind. A `human` channel makes a task and hands nothing over. */
export const channels: readonly AnyChannel[] = [chat, file, push, smtp, twilio, webhook];
