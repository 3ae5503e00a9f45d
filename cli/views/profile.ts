import type { Customer } from "../../domain/customer.ts";
import type { Json } from "../../domain/json.ts";
import type { Policy } from "../../domain/policy.ts";
import { goldenRecord } from "../../domain/record.ts";
import { formatDuration, type Instant, iso } from "../../domain/time.ts";
import type { Paint } from "../io.ts";
import { minuteOf } from "./decision-line.ts";
import { table } from "./table.ts";

/** A golden record as people look it up: what is known, who said it, and how old it is. */
export interface Profile {
  readonly customerId: string;
  /** Who brought her: an import, or the first signal that named her. */
  readonly origin: { readonly kind: "import" | "signal"; readonly at: string; readonly source?: string; readonly id?: string };
  readonly fields: readonly {
    readonly path: string;
    readonly value?: Json;
    readonly source?: string;
    readonly at?: string;
    readonly age?: string;
    readonly state: string;
    readonly detail?: string;
  }[];
  readonly identities: readonly { readonly type: string; readonly value: string; readonly source: string; readonly findsOther: boolean }[];
  readonly consents: readonly { readonly channel: string; readonly status: string; readonly at: string; readonly source: string }[];
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
    origin: { ...origin, at: iso(at) },
    fields: [...fields]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, field]) =>
        field.state === "conflict"
          ? { path, state: field.state, detail: field.detail }
          : { path, value: field.value, source: field.source, at: iso(field.at), age: ageOf(now - field.at), state: field.state },
      ),
    identities: customer.identities.map(({ type, value, source, owned }) => ({ type, value, source, findsOther: !owned })),
    consents: Object.values(customer.consents).map(({ channel, status, at: said, source }) => ({ channel, status, at: iso(said), source })),
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

export function profileLines(profile: Profile, paint: Paint): string[] {
  const heading = (text: string) => ["", paint.bold(text)];
  const section = (title: string, rows: readonly (readonly string[])[]) =>
    rows.length === 0 ? [] : [...heading(title), ...table(rows, { indent: 2 })];
  return [
    `${paint.bold(profile.customerId)}  ${paint.dim(cameBy(profile.origin))}`,
    ...section(
      "Record",
      profile.fields.map(({ path, value, source = "", age = "", state, detail = "" }) => [
        path,
        state === "conflict" ? paint.red("held: sources disagree") : JSON.stringify(value),
        state === "conflict" ? detail : paint.dim(`${source}, ${age} ago`),
        state === "stale" ? paint.yellow("too old to rely on") : "",
      ]),
    ),
    ...section(
      "Identities",
      profile.identities.map(({ type, value, source, findsOther }) => [
        type,
        value,
        paint.dim(source),
        findsOther ? paint.yellow("finds another customer") : "",
      ]),
    ),
    ...section(
      "Consent",
      profile.consents.map(({ channel, status, at, source }) => [
        channel,
        status === "granted" ? paint.green(status) : paint.red(status),
        paint.dim(`${minuteOf(at)}, ${source}`),
      ]),
    ),
    ...section(
      "Open moments",
      profile.moments.map(({ name, openedAt, expiresAt }) => [
        name,
        paint.dim(`since ${minuteOf(openedAt)}, until ${minuteOf(expiresAt)}`),
      ]),
    ),
    ...section(
      "Promises",
      profile.promises.map(({ name, owner, due, overdue }) => [
        name,
        owner,
        overdue ? paint.red(`overdue since ${minuteOf(due)}`) : `due ${minuteOf(due)}`,
      ]),
    ),
    ...section(
      "Open cases",
      profile.openCases.map((caseId) => [caseId]),
    ),
    ...section(
      "Touches",
      profile.touches.map(({ at, kind, channel, department = "" }) => [minuteOf(at), kind, channel, paint.dim(department)]),
    ),
  ];
}

// --- internal ---

const cameBy = ({ kind, at, source, id }: Profile["origin"]): string =>
  kind === "signal" ? `created by signal ${id} of ${source}, ${minuteOf(at)}` : `imported, ${minuteOf(at)}`;

/** Rounded to what a person would say. */
function ageOf(ms: number): string {
  for (const unit of [24 * 60 * 60 * 1000, 60 * 60 * 1000, 60 * 1000]) if (ms >= unit) return formatDuration(Math.floor(ms / unit) * unit);
  return "moments";
}
