import { z } from "zod";
import { type ChannelDeps, defineChannel } from "../channel.ts";
import { createPost, isEncrypted, NOT_ENCRYPTED } from "../http/post.ts";
import { flag, line, webAddress } from "../options.ts";
import { slackInbound } from "./slack.ts";

const Options = z
  .object({
    url: webAddress("expected the address of an incoming webhook, like https://hooks.slack.com/services/…"),
    allowPrivate: flag.optional(),
  })
  .refine(isEncrypted, NOT_ENCRYPTED);

/**
 * Posts to an incoming webhook of Slack or a compatible service (Mattermost, Rocket.Chat, Discord with `/slack`). These have no
 * idempotency key, so nothing is retried.
 */
export const chat = defineChannel({
  kind: "chat",
  options: Options,
  content: z.strictObject({ text: line }),
  text: { text: { most: 2_000, answer: 3_000 } },
  consent: "free",
  inbound: slackInbound,
  services: true,

  async connect({ url, allowPrivate }: z.infer<typeof Options>, deps: ChannelDeps) {
    const post = createPost(`chat ${new URL(url).host}`, deps, { allowPrivate });
    return {
      async send({ content }, { signal }) {
        const body = JSON.stringify({ text: escapeMarkup(String(content.text ?? "")) });
        await post({ url, body, signal, headers: { "content-type": "application/json" } });
        return {};
      },
    };
  },
});

// --- internal ---

/** With these three characters a name could notify everybody (`<!channel>`) or disguise a link's target. */
const escapeMarkup = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
