import type { Policy } from "../domain/entities/policy.ts";
import type { Note } from "./problem.ts";
import { valueAt } from "./prune.ts";
import { placeIn } from "./report.ts";
import type { YamlFile } from "./yaml.ts";

/**
 * Notes on settings whose meaning has changed, where a look at the workspace can tell that the change matters to it. They are right as
 * they are, so `--strict` does not mind them.
 */
export function notesOnChangedRules(yaml: YamlFile, policy: Policy): Note[] {
  const at = (path: readonly (string | number)[], message: string): Note => ({ ...placeIn(yaml, path), message, isFine: true });
  return [
    ...(hasPlainHoldout(yaml) && policy.experiences.some((one) => isNeverWithheld(one, policy))
      ? [
          at(
            ["governance", "holdout"],
            "tasks and answers to a message are no longer withheld; {share, departments} says whose messages are measured",
          ),
        ]
      : []),
    ...policy.governance.approval.flatMap((rule, index) =>
      isForSomeMomentsOnly(rule)
        ? [
            at(
              ["governance", "approval", index],
              "a missing field counts as met, so whatever has no such data waits for a human: narrow it with experiences or departments, or begin it with has(...) &&",
            ),
          ]
        : [],
    ),
  ];
}

// --- internal ---

/** A rule for everything that reads what only some moments or signals have. */
const isForSomeMomentsOnly = ({ when, experiences, departments }: Policy["governance"]["approval"][number]): boolean =>
  when !== undefined &&
  experiences === undefined &&
  departments === undefined &&
  /\b(moment|signal)\.data\b/.test(when.text) &&
  !when.text.includes("has(");

type Experience = Policy["experiences"][number];

/** The form from before `{share, departments, for}`. */
function hasPlainHoldout(yaml: YamlFile): boolean {
  const given = valueAt(yaml.value, ["governance", "holdout"]);
  return typeof given === "number" && given > 0;
}

const answersMessage = ({ serves }: Experience, { moments }: Policy): boolean =>
  moments.some(({ name, on }) => serves.includes(name) && on.includes("message.received"));

const isNeverWithheld = (experience: Experience, policy: Policy): boolean =>
  answersMessage(experience, policy) || experience.routes.some(({ channel }) => policy.channels[channel]?.makesTask);
