import { expect, test } from "vitest";
import type { Change } from "../../domain/entities/change.ts";
import { armOf, EVERYONE } from "../../domain/learning/lessons.ts";
import { HOUR } from "../../domain/values/time.ts";
import type { KeptArm, Store } from "../store.ts";
import { NOON, write } from "./examples.contract.ts";

const E = { experienceId: "e", channel: "email" };

/** The contract of what arms have learned: by experience, channel and variant. */
export function armsContract(store: () => Store): void {
  let deliveries = 0;
  const teach = (reward: 0 | 1, variant?: string) =>
    write(store(), "c-1", [
      {
        type: "lesson",
        deliveryId: `m-${deliveries++}`,
        ...E,
        ...(variant === undefined ? {} : { variant }),
        features: [],
        reward,
        at: NOON,
      },
    ] satisfies Change[]);
  /** Successes and failures by arm. */
  const learned = async () =>
    Object.fromEntries(
      [...(await store().shared(new Map())).arms].map(
        ([
          arm,
          {
            learned: { successes, failures },
          },
        ]) => [arm.replaceAll("\n", "/"), [Math.round(successes), Math.round(failures)]],
      ),
    );

  test("each variant is an arm of its own, and one that has changed is read again", async () => {
    await teach(1);
    await teach(0, "short");
    const known = (await store().shared(new Map())).arms;
    await teach(0, "short");
    await teach(1, "story");
    const next = (await store().shared(known)).arms;
    expect(await learned()).toEqual({ "e/email": [1, 0], "e/email/short": [0, 2], "e/email/story": [1, 0] });
    expect(next.get(armOf("e", "email", "short"))?.learned.failures).toBeCloseTo(2, 2);
    expect(next.get(armOf("e", "email"))).toBe(known.get(armOf("e", "email")));
    expect((await store().shared(next)).arms).toBe(next);
  });

  test("asks are opened with what every decision reads: pauses, and arms, of which known ones are not read again", async () => {
    await teach(1);
    const open = (id: string, known?: ReadonlyMap<string, KeptArm>) =>
      store().asks.open(
        [1, 2].map((n) => ({ source: "site", id: `${id}-${n}`, customerId: "c-1" })),
        { owner: "me", leaseMs: 0, now: NOON },
        known,
      );
    const first = (await open("a")).shared;
    expect(first).toEqual(await store().shared(new Map()));
    await store().operations.pause(
      { scope: "channel", name: "email" },
      { at: NOON, by: "ann", action: "paused", target: "email", details: {} },
    );
    const second = (await open("b", first.arms)).shared;
    expect(second.arms).toBe(first.arms);
    expect(second.pauses).toEqual([expect.objectContaining({ scope: "channel", name: "email" })]);
  });

  test("the first variant takes over what was learned before there were variants, once", async () => {
    await teach(1);
    await teach(1);
    await store().adoptVariants([{ ...E, variant: "short" }]);
    expect(await learned()).toEqual({ "e/email": [2, 0], "e/email/short": [2, 0] });
    await teach(0, "short");
    // Another start, and another variant that is first by now.
    await store().adoptVariants([{ ...E, variant: "short" }]);
    await store().adoptVariants([{ ...E, variant: "newer" }]);
    expect(await learned()).toEqual({ "e/email": [2, 0], "e/email/short": [2, 1] });
  });

  test("a variant that has learned something itself keeps that", async () => {
    await teach(0, "short");
    await teach(1);
    await store().adoptVariants([{ ...E, variant: "short" }]);
    expect((await learned())["e/email/short"]).toEqual([0, 1]);
  });

  test("what deliveries show about hours is kept by channel, apart from every experience", async () => {
    const hour = { type: "hour_lesson", channel: "email", sentAt: NOON, until: NOON + HOUR, zone: "UTC" } as const;
    await teach(1);
    await write(store(), "c-2", [
      { ...hour, deliveryId: "h-1", taken: true },
      { ...hour, deliveryId: "h-2", taken: false },
    ]);
    const arms = (await store().shared(new Map())).arms;
    const { habit } = arms.get(armOf(EVERYONE, "email")) ?? {};
    expect(habit?.takenByAge).toEqual([0, 1, 0, 0, 0]);
    expect(habit?.waited.reduce((sum, hours) => sum + hours, 0)).toBeCloseTo(2, 3);
    expect(arms.get(armOf("e", "email"))?.habit).toBeUndefined();
    expect(JSON.stringify(habit)).not.toContain("c-2");
    await write(store(), "c-2", [{ ...hour, deliveryId: "h-3", taken: true }]);
    expect((await store().shared(arms)).arms.get(armOf(EVERYONE, "email"))?.habit?.takenByAge[1]).toBeCloseTo(2, 3);
  });

  test("there is nothing to take over where nothing was learned", async () => {
    await store().adoptVariants([{ ...E, variant: "short" }]);
    await store().adoptVariants([]);
    expect((await store().shared(new Map())).arms).toEqual(new Map());
  });
}
