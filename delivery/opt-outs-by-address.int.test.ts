import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { byTime, iso, MINUTE } from "../domain/values/time.ts";
import { at } from "../testing/builders.ts";
import { type GivenSignal, type OperatedStore, openOperated } from "../testing/operated-store.ts";
import { policyOf } from "../testing/policy.ts";
import { inShort } from "../testing/tell.ts";

const POLICY = policyOf(
  `
  channels: {text: {kind: file, address: phone}, mail: {kind: file, address: email}}
  learning: {explore: none}
  moments: {t: {on: go.text, expires: 30d}, m: {on: go.mail, expires: 30d}}
  governance: {consent: {text: opt_out, mail: opt_out}}
  `,
  ["id: texted\nserves: [t]\nchannels: {text: {text: Hello}}", "id: mailed\nserves: [m]\nchannels: {mail: {text: Hello}}"],
);

const WAYS = {
  text: {
    type: "phone",
    go: "go.text",
    delivered: "deliver texted@text",
    spellings: (story: number) => [
      `+1555555010${story}`,
      `+1 (555) 555-010${story}`,
      `tel:+1-555-555-010${story}`,
      `\u200e+1 555\u2011555\u2013010${story}`,
      `001555555010${story}`,
      `1555555010${story}`,
    ],
  },
  mail: {
    type: "email",
    go: "go.mail",
    delivered: "deliver mailed@mail",
    spellings: (story: number) => [
      `ann${story}@x.example`,
      ` Ann${story}@X.example `,
      `ANN${story}@x.example\u00a0`,
      `\u200bann${story}@x.example`,
      `mailto:ann${story}@x.example`,
    ],
  },
} as const;
type Channel = keyof typeof WAYS;

/** Events, one a minute: a customer gets the address, an opt-out from it, or a customer grants consent again. */
type Step =
  | { readonly kind: "gets"; readonly who: "a" | "b" | "c"; readonly as: "trait" | "identity"; readonly spelling: number }
  | {
      readonly kind: "no";
      readonly from: "identities" | "address" | "own";
      readonly status: "denied" | "revoked";
      readonly spelling: number;
    }
  | { readonly kind: "yes"; readonly who: "a" | "b" | "c" };

const who = fc.constantFrom("a" as const, "b" as const, "c" as const);
const spelling = fc.nat({ max: 5 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("gets" as const), who, as: fc.constantFrom("trait" as const, "identity" as const), spelling }),
  fc.record({
    kind: fc.constant("no" as const),
    from: fc.constantFrom("identities" as const, "address" as const, "own" as const),
    status: fc.constantFrom("denied" as const, "revoked" as const),
    spelling,
  }),
  fc.record({ kind: fc.constant("yes" as const), who }),
);

const stories = fc.array(step, { minLength: 1, maxLength: 8 });
/** Stories that one stream tells: wakes of different customers are decided together, which takes an eighth of the time. */
const STORIES = 8;

let opened: OperatedStore | undefined;
const on = (): OperatedStore => opened ?? expect.fail("the store is not open");
beforeAll(async () => {
  opened = await openOperated(POLICY);
});
afterAll(() => opened?.runtime.close());

/** A step of a story, which has an address and customers of its own: `a`, `b` and `c` with its number. */
function signalOf(one: Step, place: number, channel: Channel, story: number): GivenSignal {
  const { type, spellings } = WAYS[channel];
  const time = iso(at("2026-06-01") + place * MINUTE);
  if (one.kind === "yes") return [time, "customer.consent", { subject: `${one.who}${story}`, channel, status: "granted" }];
  const forms = spellings(story);
  const value = forms[one.spelling % forms.length] ?? "";
  if (one.kind === "gets")
    return [
      time,
      "customer.updated",
      { subject: `${one.who}${story}`, ...(one.as === "trait" ? { traits: { [type]: value } } : { identities: [{ type, value }] }) },
    ];
  const named =
    one.from === "identities" ? { identities: [{ type, value }] } : one.from === "address" ? { address: value } : { [type]: value };
  return [time, "customer.consent", { subject: `elsewhere${story}`, channel, status: one.status, ...named }];
}

/** Whether a customer may be contacted: they have the address, and granted consent after the last opt-out from it. */
function mayBeWrittenTo(steps: readonly Step[], id: string): boolean {
  const last = (holds: (one: Step) => boolean) => steps.findLastIndex(holds);
  const has = steps.some((one) => one.kind === "gets" && one.who === id);
  return has && last(({ kind }) => kind === "no") <= last((one) => one.kind === "yes" && one.who === id);
}

test.each(Object.keys(WAYS) as Channel[])(
  "F2: an opt-out from a %s address applies to all who have it, before or after, in any notation, until they grant anew",
  async (channel) => {
    await fc.assert(
      fc.asyncProperty(fc.array(stories, { minLength: STORIES, maxLength: STORIES }), async (all) => {
        await on().runtime.store.clear();
        const customers = all.flatMap((_steps, story) => ["a", "b", "c"].map((who) => ({ who, story, id: `${who}${story}` })));
        const steps = all.flatMap((one, story) => one.map((step, place) => signalOf(step, place, channel, story)));
        const decisions = await on().play([
          ...steps.toSorted(([time], [other]) => byTime(time, other)),
          ...customers.map(({ id }): GivenSignal => [iso(at("2026-06-02")), WAYS[channel].go, { subject: id }]),
        ]);
        const delivered = decisions.filter((decision) => inShort(decision).endsWith(WAYS[channel].delivered));
        const written = customers.map(({ id }) => [id, delivered.some(({ customerId }) => customerId === id)]);
        expect(written).toEqual(customers.map(({ id, who, story }) => [id, mayBeWrittenTo(all[story] ?? [], who)]));
      }),
      { numRuns: 120 / STORIES },
    );
  },
);
