import type { AnyChannel } from "../channels/channel.ts";
import { problemsOfDeclaration } from "../channels/check-declaration.ts";
import { channels as product, providers } from "../channels/index.ts";
import { guarded } from "../channels/own-channel.ts";
import { SentientError } from "../domain/errors.ts";
import { isObject } from "../domain/values/json.ts";
import type { ChannelCatalogue } from "../workspace/channel-catalogue.ts";
import type { Problem } from "../workspace/problem.ts";
import type { Code } from "./load-code.ts";

/** The channels available to a workspace: the product's and its own. */
export const channelsOf = (own: readonly AnyChannel[] = []): ChannelCatalogue => ({ channels: [...product, ...own], providers });

export interface LoadedChannels {
  readonly channels: readonly AnyChannel[];
  readonly problems: readonly Problem[];
}

/**
 * Loads a workspace's own channels: every value in `channels/*.ts` made with `defineChannel`. They are code of the workspace's author and
 * run with all rights of this process. Channels with problems are left out.
 */
export async function loadChannels(code: Code): Promise<LoadedChannels> {
  const channels: AnyChannel[] = [];
  const problems: Problem[] = [];
  const owners = new Map(product.map(({ kind }) => [kind, "the product"]));
  for (const file of code.files("channels")) {
    const loaded = await declaredIn(code, file);
    problems.push(...loaded.problems.map((message) => ({ file, message })));
    for (const channel of loaded.channels) {
      const owner = owners.get(channel.kind);
      if (owner === undefined) channels.push(guarded(channel));
      else problems.push({ file, message: `kind ${channel.kind} is taken by ${owner}; expected another name` });
      owners.set(channel.kind, owner ?? file);
    }
  }
  return { channels, problems };
}

// --- internal ---

async function declaredIn(code: Code, file: string): Promise<{ channels: AnyChannel[]; problems: string[] }> {
  try {
    const found = [...new Set(await code.load(file))].filter(isMeant);
    if (found.length === 0) return { channels: [], problems: ["exports no channel; expected: export const pager = defineChannel({ … })"] };
    const checked = found.map((channel) => ({ channel, problems: problemsOfDeclaration(channel) }));
    return {
      channels: checked.flatMap(({ channel, problems }) => (problems.length === 0 ? [channel] : [])),
      problems: checked.flatMap(({ channel: { kind }, problems }) =>
        problems.map((problem) => (typeof kind === "string" ? `${kind}: ${problem}` : problem)),
      ),
    };
  } catch (error) {
    if (error instanceof SentientError) return { channels: [], problems: [error.message.replace(`${file} `, "")] };
    // A getter or a schema of its author has thrown.
    return { channels: [], problems: [`cannot be read: ${error instanceof Error ? error.message : String(error)}`] };
  }
}

/** Other exported values are ignored. */
const isMeant = (value: unknown): value is AnyChannel =>
  isObject(value) && ("connect" in value || ("kind" in value && ("options" in value || "content" in value)));
