import { expect, test } from "vitest";
import { type Contestant, RIGHT, RULES, WRONG } from "./contestants.ts";
import { faultsIn } from "./gate.ts";
import { measure } from "./measure.ts";
import { ownSuites } from "./suites.ts";
import { type AgentCase, trial } from "./trial.ts";

const suites = ownSuites();

test.each(suites)("$name: right answers pass, wrong ones do not, and no unchecked output leaves", async (suite) => {
  const rows = [];
  for (const one of [RULES, RIGHT, WRONG]) rows.push(await measure(suite, one, { trials: 2 }));
  expect(faultsIn(rows)).toEqual([]);
  const [rules, right, wrong] = rows;
  expect(rules).toMatchObject({ questions: 0, own: 0 });
  expect(right).toMatchObject({ rate: 1, passAll: 1, rejected: 0, failures: {} });
  expect(right?.own).toBeGreaterThan(0);
  expect(wrong?.own).toBe(0);
  expect(wrong?.rejected).toBeGreaterThan(0);
});

test.each(suites)("$name: a model that never answers leaves the rules' result, with the code of each question", async (suite) => {
  const dead: Contestant = {
    ...{ name: "dead", kind: "live" },
    modelFor: () => ({
      ...{ name: "dead", memory: { get: () => undefined, set: () => {} } },
      ask: async (_prompt, _variables, { agent, steps }) => {
        steps.push({ agent, ms: 0, asked: "any", failure: "connection_refused" });
        return { ok: false, failure: "connection_refused", detail: "", usage: { inputTokens: 0, outputTokens: 0, usd: 0 }, attempts: 1 };
      },
    }),
  };
  const [rules, row] = [await measure(suite, RULES, { trials: 1 }), await measure(suite, dead, { trials: 1 })];
  expect(faultsIn([row])).toEqual([]);
  expect(row.own).toBe(0);
  expect(row.failures.connection_refused).toBe(row.questions);
  // The author's texts are right if no wording is required, and no model's work if it is.
  expect(row.passed).toBe(suite.name.startsWith("writing") ? 0 : rules.passed);
});

const aCase = (passes: readonly boolean[], holds = true): AgentCase => {
  let number = 0;
  const unused = () => {
    throw new Error("not asked for");
  };
  return {
    ...{ id: "c", right: unused, wrong: unused },
    run: async () => trial([], { passed: passes[number++ % passes.length] ?? false, held: holds, own: false, because: "as told" }),
  };
};
const suiteOf = (...cases: AgentCase[]) => ({ ...(suites[0] as (typeof suites)[number]), name: "told", cases });

test("a case that passes sometimes counts by its share, and as 0 for passing every time", async () => {
  const row = await measure(suiteOf(aCase([true, false]), aCase([true])), RULES, { trials: 4 });
  expect(row).toMatchObject({ cases: 2, trials: 4, passed: 6, rate: 0.75, passAll: 0.5, because: { "as told": 2 } });
  expect(faultsIn([row])).toEqual(["told, rules: trials of a case end differently"]);
});

test("a trial with unchecked output is below every gate", async () => {
  const row = await measure(suiteOf(aCase([true]), aCase([true], false)), { ...RULES, kind: "live" }, { trials: 1 });
  expect(faultsIn([row])).toEqual(["told, rules: only 1 of 2 trials held"]);
});

test("a limit samples cases evenly from the suite, the same each time", async () => {
  const seen: string[] = [];
  const cases = ["a", "b", "c", "d", "e", "f"].map((id) => ({ ...aCase([true]), id }));
  await measure(suiteOf(...cases), RULES, { trials: 1, limit: 3, onTrial: ({ id }) => void seen.push(id) });
  expect(seen).toEqual(["a", "c", "e"]);
});
