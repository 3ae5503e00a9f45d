import type { RecordRules } from "../entities/claims.ts";
import type { Customer } from "../entities/customer.ts";
import type { Policy } from "../entities/policy.ts";
import { channelOf } from "../identity/consent.ts";
import type { Json } from "../values/json.ts";
import { formatDuration, type Instant, iso, MINUTE } from "../values/time.ts";
import { ageOf, goldenRecord, ruleFor } from "./record.ts";

/** A golden record for look-up: values with their sources and ages. */
export interface Profile {
  readonly customerId: string;
  /** Ids of customers merged into this one. */
  readonly alsoKnownAs?: readonly string[];
  /** Origin of the customer: an import, or the first signal that named it. */
  readonly origin: { readonly kind: "import" | "signal"; readonly at: string; readonly source?: string; readonly id?: string };
  /** Where the customer stands, and since when; missing where the workspace has no stages, or none holds. */
  readonly stage?: { readonly name: string; readonly since: string };
  readonly fields: readonly {
    readonly path: string;
    readonly value?: Json;
    readonly source?: string;
    readonly at?: string;
    readonly age?: string;
    readonly state: string;
    readonly detail?: string;
    /** How its value is chosen, in words; missing where the latest statement counts, whatever its source and age. */
    readonly rule?: string;
  }[];
  /** Traits omitted because the record is full: time of the last omission, total, and the latest paths. */
  readonly leftOut?: { readonly at: string; readonly count: number; readonly paths: readonly string[] };
  readonly identities: readonly { readonly type: string; readonly value: string; readonly source: string; readonly findsOther: boolean }[];
  /** Undeliverable addresses. */
  readonly gone: readonly {
    readonly type: string;
    readonly value: string;
    readonly at: string;
    readonly source: string;
    readonly reason: string;
  }[];
  readonly consents: readonly {
    readonly channel: string;
    readonly status: string;
    readonly at: string;
    readonly source: string;
    readonly reason?: string;
  }[];
  readonly moments: readonly { readonly name: string; readonly openedAt: string; readonly expiresAt: string }[];
  readonly promises: readonly { readonly name: string; readonly owner: string; readonly due: string; readonly overdue: boolean }[];
  readonly openCases: readonly string[];
  readonly touches: readonly { readonly at: string; readonly kind: string; readonly channel: string; readonly department?: string }[];
}

export function profileOf(customer: Customer, policy: Policy, now: Instant): Profile {
  const { fields } = goldenRecord(customer.claims, policy.record, now);
  const { at, ...origin } = customer.origin;
  return {
    customerId: customer.customerId,
    ...(customer.absorbed ? { alsoKnownAs: customer.absorbed.ids } : {}),
    origin: { ...origin, at: iso(at) },
    ...stageOf(customer, policy),
    fields: [...fields]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, field]) =>
        field.state === "conflict"
          ? { path, state: field.state, detail: field.detail, ...ruleInWords(path, policy.record) }
          : {
              ...{ path, value: field.value, source: field.source, at: iso(field.at), age: ageInWords(field.at, now), state: field.state },
              ...ruleInWords(path, policy.record),
            },
      ),
    ...(customer.leftOut ? { leftOut: { ...customer.leftOut, at: iso(customer.leftOut.at) } } : {}),
    identities: customer.identities.map(({ type, value, source, owned }) => ({ type, value, source, findsOther: !owned })),
    gone: customer.gone.map(({ at: said, ...address }) => ({ ...address, at: iso(said) })),
    consents: Object.values(customer.consents).map(({ channel, status, at: said, source, reason }) => ({
      ...{ channel: channelOf(channel, policy.channels), status, at: iso(said), source },
      ...(reason === undefined ? {} : { reason }),
    })),
    moments: customer.moments.map(({ name, openedAt, expiresAt }) => ({ name, openedAt: iso(openedAt), expiresAt: iso(expiresAt) })),
    promises: customer.promises.map(({ name, owner, due, overdue }) => ({ name, owner, due: iso(due), overdue })),
    openCases: customer.openCases,
    touches: customer.touches.map(({ at: felt, kind, channel, department }) => ({
      at: iso(felt),
      kind,
      channel,
      ...(department === undefined ? {} : { department }),
    })),
  };
}

// --- internal ---

function stageOf({ stage }: Customer, { stages }: Policy): Pick<Profile, "stage"> {
  if (stages.length === 0 || !stage?.name) return {};
  return { stage: { name: stage.name, since: iso(stage.since) } };
}

/** The rule of a field that has one. */
function ruleInWords(path: string, rules: RecordRules): { readonly rule?: string } {
  const { rule, sources = rules.sources, maxAge, onConflict } = ruleFor(path, rules);
  const parts = [
    ...(rule === "source_sequence" ? [`the first of ${sources.join(", ")}`] : []),
    ...(maxAge === undefined ? [] : [`no older than ${formatDuration(maxAge)}`]),
    ...(onConflict === "hold" ? ["none while sources disagree"] : []),
  ];
  return parts.length > 0 ? { rule: parts.join("; ") } : {};
}

/** Below a minute an exact age is noise. */
const ageInWords = (at: Instant, now: Instant): string => (now - at < MINUTE ? "moments" : ageOf(at, now));
