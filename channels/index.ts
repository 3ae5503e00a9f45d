import type { AnyChannel } from "./channel.ts";
import { chat } from "./chat.ts";
import { file } from "./file.ts";
import { push } from "./push.ts";
import { smtp } from "./smtp.ts";
import { twilio } from "./twilio.ts";
import { webhook } from "./webhook.ts";

/** Every channel that can send live, by its kind. A `human` channel makes a task and hands nothing over. */
export const channels: readonly AnyChannel[] = [chat, file, push, smtp, twilio, webhook];
