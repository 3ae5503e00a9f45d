import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { iso, MINUTE } from "../domain/values/time.ts";
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
    spellings: [
      "+15555550101",
      "+1 (555) 555-0101",
      "tel:+1-555-555-0101",
      "\u200e+1 555\u2011555\u20130101",
      "0015555550101",
      "15555550101",
    ],
  },
  mail: {
    type: "email",
    go: "go.mail",
    delivered: "deliver mailed@mail",
    spellings: ["ann@x.example", " Ann@X.example ", "ANN@x.example\u00a0", "\u200bann@x.example", "mailto:ann@x.example"],
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

let opened: OperatedStore | undefined;
const on = (): OperatedStore => opened ?? expect.fail("the store is not open");
beforeAll(async () => {
  opened = await openOperated(POLICY);
});
afterAll(() => opened?.runtime.close());

function signalOf(one: Step, place: number, channel: Channel): GivenSignal {
  const { type, spellings } = WAYS[channel];
  const time = iso(at("2026-06-01") + place * MINUTE);
  if (one.kind === "yes") return [time, "customer.consent", { subject: one.who, channel, status: "granted" }];
  const value = spellings[one.spelling % spellings.length] ?? "";
  if (one.kind === "gets")
    return [
      time,
      "customer.updated",
      { subject: one.who, ...(one.as === "trait" ? { traits: { [type]: value } } : { identities: [{ type, value }] }) },
    ];
  const named =
    one.from === "identities" ? { identities: [{ type, value }] } : one.from === "address" ? { address: value } : { [type]: value };
  return [time, "customer.consent", { subject: "elsewhere", channel, status: one.status, ...named }];
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
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        await on().runtime.store.clear();
        await on().play(steps.map((one, place) => signalOf(one, place, channel)));
        for (const id of ["a", "b", "c"]) {
          const [decision] = await on().play([[iso(at("2026-06-02")), WAYS[channel].go, { subject: id }]]);
          const isWritten = decision !== undefined && inShort(decision).endsWith(WAYS[channel].delivered);
          expect([id, isWritten]).toEqual([id, mayBeWrittenTo(steps, id)]);
        }
      }),
      { numRuns: 120 },
    );
  },
);
