import type { AnyChannel } from "./channel.ts";
import { file } from "./file.ts";

/** Every channel that can send live, by its kind. A `human` channel makes a task and hands nothing over. */
export const channels: readonly AnyChannel[] = [file];
