import type { Policy } from "../../../domain/entities/policy.ts";
import { type AgentCase, type AgentSuite, trial } from "../trial.ts";
import { ScriptedCustomer, wantedIn } from "./customer.ts";
import type { Retail, Task } from "./database.ts";
import { createIntruder, createPlanner } from "./planner.ts";
import { Session } from "./session.ts";
import { hold, openTalk, type Talk } from "./talk.ts";
import { retailPolicy } from "./tools.ts";
import { WRITES } from "./writes.ts";

/** Customers who want a change: the conversation, scored by the shop's end state and the required information. */
export function retailSuite(retail: Retail): AgentSuite {
  const policy = retailPolicy(retail);
  return {
    name: `conversation/${retail.name}`,
    policy,
    prompts: ["converse"],
    measures: {
      rules: "the fallback: everything is left to a human; passes where nothing was to be changed or told",
      right: "whether environment, shop rules and checks let right work through, not whether anybody understands the customer",
      wrong: "whether changes that nobody asked for and figures that no tool gave stay out",
    },
    cases: retail.tasks.map((task) => caseOf(task, retail, policy)),
  };
}

// --- internal ---

function caseOf(task: Task, retail: Retail, policy: Policy): AgentCase {
  let current: Talk | undefined;
  const talk = (): Talk => {
    if (!current) throw new Error("nobody is talking");
    return current;
  };
  return {
    id: task.id,
    async run(model, runId) {
      current = openTalk(new Session(retail.database));
      await hold(current, new ScriptedCustomer(task), policy, model, runId);
      const isState = current.session.shop.summary() === stateAfter(task, retail);
      const missing = task.evaluation_criteria.communicate_info.filter((info) => !isTold(info, current?.said ?? []));
      const passed = isState && missing.length === 0;
      return trial(current.steps, {
        passed,
        held: isHeld(current, retail),
        own: current.handedOver === undefined && model !== undefined,
        ...(passed ? {} : { because: whyNot(current, isState) }),
      });
    },
    right: () => createPlanner(task, retail, talk),
    wrong: () => createIntruder(retail),
  };
}

/** The first fault; a hand-off leaves the rest to a human and states why. */
const whyNot = ({ handedOver }: Talk, isState: boolean): string =>
  handedOver !== undefined ? `left to a human: ${handedOver}` : isState ? "something was not told" : "another end state";

/** The shop after the expected changes of the task, made by the same code on a fresh copy. */
function stateAfter(task: Task, { database }: Retail): string {
  const { shop } = new Session(database);
  for (const { tool, fields } of wantedIn(task)) {
    const owner = shop.order(fields.order_id ?? "")?.user_id ?? ownerOf(task);
    const user = shop.user(owner);
    if (user) WRITES[tool]?.(shop, user, fields);
  }
  return shop.summary();
}

const ownerOf = ({ evaluation_criteria: { actions } }: Task): string =>
  String(actions.find(({ arguments: given }) => typeof given.user_id === "string")?.arguments.user_id ?? "");

const isTold = (info: string, said: readonly string[]): boolean => {
  const plain = (text: string) => text.toLowerCase().replaceAll(",", "");
  return said.some((text) => plain(text).includes(plain(info)));
};

/** Every change rests on the customer's messages and confirmation, and every figure on tools, rules or the customer. */
function isHeld({ session, said, outputs, written }: Talk, { rules }: Retail): boolean {
  const areAsked = session.made.every(
    ({ fields, written: before }) =>
      before.at(-1) === "Yes" &&
      Object.values(fields).every((value) => before.some((text) => text.toLowerCase().includes(value.toLowerCase()))),
  );
  const given = [rules, outputs, ...written].join("\n").replaceAll(",", "");
  const figures = said.flatMap((text) => text.replaceAll(",", " ").match(/\d+(?:\.\d+)?/g) ?? []);
  return areAsked && figures.every((figure) => given.includes(figure));
}
