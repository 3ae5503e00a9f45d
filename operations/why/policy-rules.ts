import type {
  ApprovalRule,
  Cap,
  ChannelRule,
  MomentRule,
  Policy,
  PromiseRule,
  QuietHours,
  Suppression,
} from "../../domain/entities/policy.ts";
import { formatDuration, formatTimeOfDay } from "../../domain/values/time.ts";

/** The rules of a workspace in its author's words. Of channels what people need to know; never their options, which hold secrets. */
export function rulesOf(policy: Policy) {
  const { name, version, timezone, departments, goals, moments, promises, channels, governance, learning, retention } = policy;
  const { review, minPropensity, caps, quietHours, suppress, approval, holdout } = governance;
  return {
    ...{ name, version, timezone, departments, goals },
    moments: moments.map(momentRule),
    promises: promises.map(promiseRule),
    channels: Object.values(channels).map(channelRule),
    review: formatDuration(review),
    minPropensity,
    caps: caps.map(capRule),
    quietHours: quietHours.map(quietRule),
    suppress: suppress.map(suppressionRule),
    approval: approval.map(approvalRule),
    holdout: { share: holdout.share, for: holdout.for, ...(holdout.departments ? { departments: holdout.departments } : {}) },
    learning: { explore: learning.explore, features: learning.features },
    retention: {
      signals: formatDuration(retention.signals),
      history: formatDuration(retention.history),
      runs: formatDuration(retention.runs),
      ...(retention.duplicates === undefined ? {} : { duplicates: formatDuration(retention.duplicates) }),
      ...(retention.audit === undefined ? {} : { audit: formatDuration(retention.audit) }),
      asks: formatDuration(retention.asks),
      anonymous: formatDuration(retention.anonymous),
    },
    experiences: policy.experiences.length,
  };
}

export type PolicyRules = ReturnType<typeof rulesOf>;

// --- internal ---

const defined = <T extends Record<string, unknown>>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };

const momentRule = ({ name, on, when, expires, urgency, once, closes, absent, says }: MomentRule) => ({
  ...{ name, on, urgency, closes },
  expires: formatDuration(expires),
  ...defined({ when: when?.text, once: once === undefined ? undefined : formatDuration(once), says }),
  ...(absent
    ? { absent: { signal: absent.signal, for: typeof absent.for === "number" ? formatDuration(absent.for) : `${absent.for.text} days` } }
    : {}),
});

const promiseRule = ({ name, opens, due, owner, closes, suppress }: PromiseRule) => ({
  ...{ name, opens, owner, closes, suppress },
  due: formatDuration(due),
});

const channelRule = ({ name, kind, address, consent, makesTask, isTouch, queue }: ChannelRule) => ({
  ...{ name, kind, address, consent, makesTask, isTouch },
  ...defined({ queue }),
});

const capRule = ({ id, max, window, calendar, channel, department }: Cap) => ({
  ...{ id, max, calendar },
  window: formatDuration(window),
  ...defined({ channel, department }),
});

const quietRule = ({ channels, from, to }: QuietHours) => ({
  from: formatTimeOfDay(from),
  to: formatTimeOfDay(to),
  ...defined({ channels }),
});

function suppressionRule(rule: Suppression) {
  const { departments, channels, experiences, reason } = rule;
  const reach = defined({ departments, channels, experiences, reason });
  if ("when" in rule) return { ...reach, when: rule.when.text };
  const span = rule.for === undefined ? {} : { for: formatDuration(rule.for) };
  if ("afterSignal" in rule) return { ...reach, ...span, afterSignal: rule.afterSignal };
  const within = rule.within === undefined ? {} : { within: formatDuration(rule.within) };
  return { ...reach, ...span, ...within, afterOutcome: rule.afterOutcome, times: rule.times, scope: rule.scope };
}

const approvalRule = ({ when, experiences, departments, reason }: ApprovalRule) =>
  defined({ when: when?.text, experiences, departments, reason });
