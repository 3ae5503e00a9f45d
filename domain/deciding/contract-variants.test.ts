import { describe, expect, test } from "vitest";
import { aCustomer, at } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { changesOf, decide, Story } from "../../testing/story.ts";
import { inShort } from "../../testing/tell.ts";
import { type ContentScope, channelsOf, type Policy } from "../entities/policy.ts";
import { type Learned, learn, NOTHING_LEARNED } from "../learning/learning.ts";
import { armOf, heirsOf, learnedPropensity } from "../learning/lessons.ts";
import { inLocale, routeOfDelivery } from "./locale.ts";

const NO_DRAWS = "learning: {explore: none}";
const TWO = "channels: {box: {variants: {short: {text: Hi}, story: {text: Once upon a time}}}}";

const arm = (successes: number, failures: number): Learned => {
  const all = [...Array<number>(successes).fill(1), ...Array<number>(failures).fill(0)];
  return all.reduce((learned, reward) => learn(learned, [], reward), NOTHING_LEARNED);
};

const M = { momentId: "m-1", name: "m", openedAt: at("2026-06-01"), expiresAt: at("2026-07-01") };
const MOMENTS = [{ ...M, urgency: 0.5, data: {}, openedBy: "s", openedOn: "go", openedSeq: 0, confidence: 1, decidedBy: "rule" as const }];

/** The decision for one customer whose arms have learned this. */
const decided = (settings: string, experiences: readonly string[], known: Readonly<Record<string, Learned>> = {}) =>
  decidedUnder(policyOf(settings, experiences), known);

function decidedUnder(policy: Policy, known: Readonly<Record<string, Learned>>, customerId = "c-1") {
  const learnedBy = (key: string) => known[key.replaceAll("\n", "/")];
  return decide(aCustomer({ customerId, moments: MOMENTS }), policy, { propensity: learnedPropensity(policy, learnedBy) });
}

test("equal means go to the author's order, of channels and then of variants", () => {
  const both = "channels: {hook: {payload: {a: 1}}, box: {variants: {b: {text: B}, a: {text: A}}}}";
  expect(decided(NO_DRAWS, [TWO])).toMatchObject({ action: "deliver", channel: "box", variant: "short", probability: 1 });
  expect(decided(`channels: {box: {kind: file}, hook: {kind: webhook}}\n${NO_DRAWS}`, [both])).toMatchObject({ channel: "hook" });
  expect(decided(NO_DRAWS, ["channels: {box: {variants: {b: {text: B}, a: {text: A}}}}"])).toMatchObject({ variant: "b" });
});

test("an experience names each of its channels once, however many variants it says there", () => {
  const [experience] = policyOf("channels: {box: {kind: file}, hook: {kind: webhook}}", [
    "channels: {hook: {payload: {a: 1}}, box: {variants: {b: {text: B}, a: {text: A}}}}",
  ]).experiences;
  expect(experience && [experience.routes.length, channelsOf(experience)]).toEqual([3, ["hook", "box"]]);
});

test("the variant that is better wins, and the decision, its candidate and its delivery say so", () => {
  const known = { "e/box/short": arm(1, 9), "e/box/story": arm(5, 5) };
  const decision = decided(NO_DRAWS, [TWO], known);
  expect(decision).toMatchObject({
    variant: "story",
    candidates: [
      {
        verdict: "chosen",
        variant: "story",
        channels: [
          { channel: "box", variant: "short", P: expect.closeTo(2 / 12, 1) },
          { channel: "box", variant: "story", P: expect.closeTo(0.5, 1) },
        ],
      },
    ],
  });
});

test("a delivery is of its variant, and what it says is that", () => {
  const policy = policyOf(NO_DRAWS, [TWO]);
  const story = new Story(policy, aCustomer()).signal("2026-06-01T15:00:00Z", "go");
  const delivery = changesOf(story.changes, "decided")[0]?.delivery;
  expect(delivery).toMatchObject({ channel: "box", variant: "short" });
  const route = delivery && routeOfDelivery(policy.experiences[0]?.routes ?? [], delivery);
  expect(route?.content.render(delivery?.frozen as unknown as ContentScope)).toEqual({ text: "Hi" });
});

test("a losing candidate with variants says what else it could have said: a log can be asked about it", () => {
  const decision = decided(NO_DRAWS, [`${TWO}\nid: a\nvalue: 1`, "id: b\nvalue: 9"]);
  expect(decision.candidates[1]).toMatchObject({
    experienceId: "a",
    variant: "short",
    channels: [{ variant: "short" }, { variant: "story" }],
  });
});

describe("reasons", () => {
  const reasonsOf = (content: string, settings = NO_DRAWS) => decided(settings, [`channels: {${content}}`]).candidates[0];

  test("a fact that one variant lacks rules out that variant alone", () => {
    const candidate = reasonsOf("box: {variants: {named: {text: '{{ customer.firstName }}'}, plain: {text: Hi}}}");
    expect(candidate).toMatchObject({
      verdict: "chosen",
      variant: "plain",
      otherChannels: [{ code: "fact_missing", channel: "box", variant: "named", detail: "firstName is not known" }],
    });
  });

  test("what every variant lacks is told once, of the channel", () => {
    const candidate = reasonsOf("box: {variants: {a: {text: '{{ customer.firstName }}'}, b: {text: 'Hi {{ customer.firstName }}'}}}");
    expect(candidate?.reasons).toEqual([
      { code: "fact_missing", stage: "facts", decidedBy: "rule", channel: "box", detail: "firstName is not known" },
    ]);
  });

  test("what the channel lacks is told once", () => {
    const candidate = reasonsOf("sms: {variants: {a: {text: A}, b: {text: B}}}", `channels: {sms: {kind: twilio}}\n${NO_DRAWS}`);
    expect(candidate?.reasons.map(({ code, variant }) => [code, variant])).toEqual([
      ["consent_missing", undefined],
      ["no_channel", undefined],
    ]);
  });
});

describe("probability", () => {
  const known = { "e/box/short": arm(3, 12), "e/box/story": arm(6, 9), "e/hook": arm(4, 11), "f/box": arm(8, 7) };
  const settings = "channels: {box: {kind: file}, hook: {kind: webhook}}";
  const experiences = [
    `channels: {box: {variants: {short: {text: Hi}, story: {text: Once}}}, hook: {payload: {a: 1}}}`,
    "id: f\nvalue: 0.8",
  ];

  test("is the chance of this experience, channel and variant: computed, and what a count of many draws says", () => {
    const counts = new Map<string, { count: number; said: number }>();
    const draws = 1_000;
    const policy = policyOf(settings, experiences);
    for (let index = 0; index < draws; index++) {
      const { experienceId, channel, variant = "", probability } = decidedUnder(policy, known, `c-${index}`);
      const key = [experienceId, channel, variant].join("/");
      counts.set(key, { count: (counts.get(key)?.count ?? 0) + 1, said: probability });
    }
    expect([...counts.keys()].sort()).toEqual(["e/box/short", "e/box/story", "e/hook/", "f/box/"]);
    expect([...counts.values()].reduce((sum, { said }) => sum + said, 0)).toBeCloseTo(1, 4);
    for (const { count, said } of counts.values()) {
      expect(Math.abs(count / draws - said)).toBeLessThan(4 * Math.sqrt((said * (1 - said)) / draws));
    }
  });
});

describe("learning", () => {
  const policy = policyOf(NO_DRAWS, [TWO]);

  test("each variant is an arm of its own: a failure of one moves to the other", () => {
    const arms = new Map<string, Learned>();
    const story: Story = new Story(policy, aCustomer(), {
      propensity: (context) => learnedPropensity(policy, (key) => arms.get(key))(context),
    });
    let taught = 0;
    for (const day of ["06-01", "06-09", "06-17"]) {
      story.until(`2026-${day}T14:59:59Z`);
      for (const lesson of changesOf(story.changes.slice(taught), "lesson")) {
        const key = armOf(lesson.experienceId, lesson.channel, lesson.variant);
        arms.set(key, learn(arms.get(key) ?? NOTHING_LEARNED, lesson.features, lesson.reward));
      }
      taught = story.changes.length;
      story.signal(`2026-${day}T15:00:00Z`, "go");
    }
    expect(story.decisions.map((one) => `${inShort(one)} ${one.variant}`)).toEqual([
      "06-01 15:00 deliver e@box short",
      "06-09 15:00 deliver e@box story",
      "06-17 15:00 deliver e@box short",
    ]);
    expect([...arms.keys()]).toEqual(["e\nbox\nshort", "e\nbox\nstory"]);
  });

  test("the first variant takes over what was learned before: named by the catalogue, and taught by deliveries of that time", () => {
    expect(heirsOf(policyOf("", [TWO, "id: f"]))).toEqual([{ experienceId: "e", channel: "box", variant: "short" }]);
    const before = new Story(policyOf(NO_DRAWS, ["channels: {box: {text: Hi}}"]), aCustomer()).signal("2026-06-01T15:00:00Z", "go");
    const after = new Story(policy, before.customer).signal("2026-06-02T15:00:00Z", "delivery.opened", {
      deliveryId: before.customer.deliveries[0]?.deliveryId ?? "",
    });
    expect(changesOf(after.changes, "lesson")).toMatchObject([{ experienceId: "e", channel: "box", variant: "short", reward: 1 }]);
  });
});

test("variants may be written in several languages, each in its own", () => {
  const { routes = [] } =
    policyOf("channels: {mail: {kind: smtp}}", [
      `channels: {mail: {subject: Hi, locales: {de: {subject: Servus}},
         variants: {short: {body: S, locales: {de: {body: K}}}, story: {body: L, subject: Story, locales: {fr: {body: F}}}}}}`,
    ]).experiences[0] ?? {};
  const said = routes.map((route) =>
    Object.fromEntries(
      ["en", "de", "fr"].map((tag) => {
        const { locale = "", content } = inLocale(route, tag);
        return [`${route.variant} ${tag}`, `${locale}: ${Object.values(content.render({ zone: "UTC", customer: {} } as never)).join(" ")}`];
      }),
    ),
  );
  expect(said).toEqual([
    { "short en": "default: Hi S", "short de": "de: Servus K", "short fr": "default: Hi S" },
    { "story en": "default: Story L", "story de": "de: Story L", "story fr": "fr: Story F" },
  ]);
});
