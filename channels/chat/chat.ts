import { z } from "zod";
import { noTracing } from "../../telemetry/trace.ts";
import { type ChannelDeps, defineChannel } from "../channel.ts";
import { createGuardedFetch } from "../http/guarded-fetch.ts";
import { isEncrypted, NOT_ENCRYPTED, post } from "../http/post.ts";
import { flag, line, webAddress } from "../options.ts";
import { slackInbound } from "./slack.ts";

const Options = z
  .object({
    url: webAddress("expected the address of an incoming webhook, like https://hooks.slack.com/services/…"),
    allowPrivate: flag.optional(),
  })
  .refine(isEncrypted, NOT_ENCRYPTED);

/**
 * Posts to an incoming webhook of Slack, or of what takes the same (Mattermost, Rocket.Chat, Discord with `/slack`). These
 * know no id of a message, so nothing is ever repeated.
 */
export const chat = defineChannel({
  kind: "chat",
  options: Options,
  content: z.strictObject({ text: line }),
  text: { text: { most: 2_000, answer: 3_000 } },
  consent: "free",
  inbound: slackInbound,
  services: true,

  async connect({ url, allowPrivate = false }: z.infer<typeof Options>, { timeoutMs = 15_000, tracing = noTracing }: ChannelDeps) {
    const request = createGuardedFetch({ allowPrivate, timeoutMs, tracing });
    const what = `chat ${new URL(url).host}`;
    return {
      async send({ content }, { signal }) {
        const body = JSON.stringify({ text: escapeMarkup(String(content.text ?? "")) });
        await post(request, what, { url, body, signal, headers: { "content-type": "application/json" } });
        return {};
      },
    };
  },
});

// --- internal ---

/** With these three signs a name could call everybody (`<!channel>`) or hide where a link leads. */
const escapeMarkup = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
