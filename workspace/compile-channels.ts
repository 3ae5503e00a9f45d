import type { AddressType, ChannelRule, PullRule } from "../domain/entities/policy.ts";
import type { Json } from "../domain/values/json.ts";
import { DAY, parseDuration } from "../domain/values/time.ts";
import { type ChannelCatalogue, type ChannelDeclaration, declarationOf } from "./channel-catalogue.ts";
import { type Path, type Report, withoutUndefined } from "./report.ts";
import type { GivenChannel, WorkspaceFile } from "./schema.ts";
import type { YamlFile } from "./yaml.ts";

/** The channels of a workspace, completed from the declarations of their kinds. */
export function compileChannels({ channels, governance }: WorkspaceFile, catalogue: ChannelCatalogue): Record<string, ChannelRule> {
  const given: Given = { channels, consent: governance.consent, catalogue };
  const rules = Object.entries(channels).flatMap(([name, channel]): ChannelRule[] => {
    const declared = declarationOf(catalogue, channel.kind);
    if (!declared) return [];
    return [declared.isAsked ? askedChannel(name, channel, declared, given) : sendingChannel(name, channel, declared, given)];
  });
  return Object.fromEntries(rules.map((rule) => [rule.name, rule]));
}

/** A cap on a channel that counts nothing would never hold anything. */
export function checkUncounted({ channels, governance }: WorkspaceFile, catalogue: ChannelCatalogue, yaml: YamlFile, report: Report): void {
  for (const [index, { channel = "" }] of governance.caps.entries()) {
    const given = Object.hasOwn(channels, channel) ? channels[channel] : undefined;
    const problem = given && whyUncounted(channel, given, catalogue);
    if (problem !== undefined) report.problem(yaml, ["governance", "caps", index, "channel"], problem);
  }
}

/** A channel that is asked can be like one that sends, and its rules are then those of that one. */
export function checkLikeness({ channels, governance }: WorkspaceFile, catalogue: ChannelCatalogue, yaml: YamlFile, report: Report): void {
  const given: Given = { channels, consent: governance.consent, catalogue };
  for (const [name, channel] of Object.entries(channels)) {
    if (!declarationOf(catalogue, channel.kind)?.isAsked) continue;
    if (channel.address !== undefined)
      report.problem(yaml, ["channels", name, "address"], "a channel that is asked has the address of the channel that it is like");
    if (typeof channel.like === "string") checkLike(name, channel.like, given, yaml, report);
  }
}

/** A message waits for a better hour only where one is sent, and where it shows whether the customer took it up. */
export function checkTimes(
  names: readonly string[],
  channels: Readonly<Record<string, ChannelRule>>,
  yaml: YamlFile,
  report: Report,
): void {
  for (const [index, name] of names.entries()) {
    const path: Path = ["learning", "times", "channels", index];
    report.known("channel", name, yaml, path);
    const rule = Object.hasOwn(channels, name) ? channels[name] : undefined;
    if (rule?.pull) report.problem(yaml, path, `${name} is asked by the customer, who chooses the hour; expected a channel that sends`);
    else if (rule?.makesTask) report.problem(yaml, path, `${name} makes tasks, which nobody opens; expected a channel that sends`);
  }
}

// --- internal ---

interface Given {
  readonly channels: WorkspaceFile["channels"];
  readonly consent: WorkspaceFile["governance"]["consent"];
  readonly catalogue: ChannelCatalogue;
}

/** Address types by common channel names, for kinds without an address type of their own. */
const NAME_ADDRESS: Readonly<Record<string, AddressType>> = { email: "email", sms: "phone", call: "phone", push: "push" };

/** How long a dismissal holds where the channel does not say. */
const DISMISSED_MS = 30 * DAY;

function sendingChannel(name: string, channel: GivenChannel, declared: ChannelDeclaration, given: Given): ChannelRule {
  const { kind, address: _address, counts = true, ...options } = channel;
  const makesTask = declared.makesTask === true;
  return {
    name,
    kind,
    ...reachOf(name, channel, declared, given),
    makesTask,
    isTouch: counts && !makesTask,
    text: declared.text ?? {},
    options: withoutUndefined(options) as Record<string, Json>,
    ...(makesTask ? { queue: typeof options.queue === "string" ? options.queue : name } : {}),
  };
}

/** The channel that it is like decides address and consent. */
function askedChannel(name: string, { kind, counts, ...options }: GivenChannel, declared: ChannelDeclaration, given: Given): ChannelRule {
  const pull = pullRule(options);
  const shared = pull.like === undefined ? undefined : reachOfNamed(pull.like, given);
  return {
    name,
    kind,
    address: shared?.address ?? "none",
    consent: shared?.consent ?? given.consent[name] ?? "free",
    makesTask: false,
    isTouch: counts === true,
    text: declared.text ?? {},
    pull,
    options: {},
  };
}

const pullRule = ({ places = ["main"], like, hold, dismissed }: Readonly<Record<string, unknown>>): PullRule => ({
  places: places as readonly string[],
  dismissed: parseDuration(String(dismissed)) ?? DISMISSED_MS,
  ...withoutUndefined({ like: typeof like === "string" ? like : undefined, hold: parseDuration(String(hold)) }),
});

/** The address that a channel needs, and whether it needs consent first. */
const reachOf = (
  name: string,
  { address }: GivenChannel,
  declared: ChannelDeclaration,
  { consent }: Given,
): Pick<ChannelRule, "address" | "consent"> => ({
  address: address ?? declared.address ?? NAME_ADDRESS[name] ?? "none",
  consent: consent[name] ?? declared.consent ?? "opt_in",
});

function reachOfNamed(name: string, given: Given): Pick<ChannelRule, "address" | "consent"> | undefined {
  const channel = Object.hasOwn(given.channels, name) ? given.channels[name] : undefined;
  const declared = channel && declarationOf(given.catalogue, channel.kind);
  return channel && declared && reachOf(name, channel, declared, given);
}

function whyUncounted(name: string, { kind, counts, like }: GivenChannel, catalogue: ChannelCatalogue): string | undefined {
  if (counts === false) return `${name} says counts: false, so that the cap would count nothing`;
  if (!declarationOf(catalogue, kind)?.isAsked) return undefined;
  if (counts !== true) return `${name} is asked and counts only with counts: true, so that the cap would count nothing`;
  return typeof like === "string" ? `${name} is like ${like}, and its touches are those of ${like}: name ${like} here` : undefined;
}

function checkLike(name: string, like: string, { channels, consent, catalogue }: Given, yaml: YamlFile, report: Report): void {
  const path: Path = ["channels", name, "like"];
  report.known("channel", like, yaml, path);
  const declared = Object.hasOwn(channels, like) ? declarationOf(catalogue, channels[like]?.kind) : undefined;
  if (declared?.isAsked || declared?.makesTask)
    report.problem(yaml, path, `${like} sends nothing; expected a channel that does, like email`);
  if (!Object.hasOwn(consent, name)) return;
  report.problem(yaml, ["governance", "consent", name], `${name} is like ${like}, and its consent is that of ${like}: name ${like} here`);
}
