import type { AnyChannel } from "../channels/channel.ts";
import { channels as product, providers } from "../channels/index.ts";

/** The channels that there are: the product's, and a workspace's own. */
export const channelsOf = (own: readonly AnyChannel[] = []) => ({ channels: [...product, ...own], providers });
