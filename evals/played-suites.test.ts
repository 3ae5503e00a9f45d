import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Decision } from "../domain/entities/decision.ts";
import { parseInstant } from "../domain/values/time.ts";
import { playStream } from "../engine/playing/play-stream.ts";
import { Population } from "../engine/playing/population.ts";
import { openWorkspace } from "../runtime/open-workspace.ts";
import { tools } from "../tools/index.ts";
import { customersOf, signalsOf } from "./case-data.ts";
import { type Expectation, type GoldenCase, type GoldenSuite, readSuite } from "./golden.ts";
import { judgeExpectation } from "./judge-expectation.ts";
import { namesIn } from "./names-in-signals.ts";

const EXAMPLES = join(import.meta.dirname, "../examples");

// On a store they are run by `npm run evals`: what holds there holds here, so that plays decide as a store does.
test.each(readdirSync(EXAMPLES))("golden decisions of %s hold where they are played in memory", async (name) => {
  const dir = join(EXAMPLES, name);
  const { workspace, tools: own } = await openWorkspace(dir, { environment: { SHOP_SECRET: "x".repeat(32) } });
  const { policy } = workspace;
  const suites = readdirSync(join(dir, "evals")).map((file) => readSuite(join(dir, "evals", file)));
  const toPlay = suites.flatMap((suite) => suite.cases.filter(canBePlayed).map((one) => ({ one, suite })));
  const known = new Map<string, Promise<readonly Decision[]>>();
  const play = async (one: GoldenCase, suite: GoldenSuite): Promise<readonly Decision[]> => {
    const decisions: Decision[] = [];
    const until = one.until === undefined ? undefined : parseInstant(one.until);
    await playStream(signalsOf(one, suite, workspace), {
      population: new Population(policy),
      tools: new Map([...tools, ...own].map((tool) => [tool.name, tool])),
      customers: customersOf(one, suite, workspace).lines,
      everyone: one.canary ?? true,
      ...(until === undefined ? {} : { until }),
      onDecision: (decision) => void decisions.push(decision),
    });
    return decisions;
  };
  const failed: unknown[] = [];
  for (const { one, suite } of toPlay) {
    // Cases of one stream are played once.
    const key = JSON.stringify([suite.file, one.customers ?? "", one.signals ?? "", one.until ?? "", one.canary ?? true]);
    const decided = known.get(key) ?? play(one, suite);
    known.set(key, decided);
    for (const expectation of one.expect.filter(isOfDecisions)) {
      const judged = judgeExpectation(expectation, await decided, policy, { tasks: [], refused: [] });
      if (!judged.holds) failed.push([suite.file, one.name, expectation, judged.because]);
    }
  }
  expect(failed).toEqual([]);
  expect(toPlay.length).toBeGreaterThan(0);
});

// --- internal ---

/** Signals that name what the case itself makes, such as a code, are known only after a first run. */
const canBePlayed = ({ signals }: GoldenCase): boolean => !Array.isArray(signals) || namesIn(signals).length === 0;

/** Tasks and refused lines are read of a store. */
const isOfDecisions = (expectation: Expectation): boolean =>
  !("task" in expectation || "noTask" in expectation || "rejected" in expectation);
