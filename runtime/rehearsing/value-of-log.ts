import type { LoggedDecision } from "../../off-policy/log.ts";
import { evaluatePolicy } from "../../off-policy/off-policy.ts";
import type { LogRow } from "../../off-policy/rows.ts";
import type { Evaluated } from "../../rehearsal/results/evaluated.ts";
import { LogWatch, type OtherChoice } from "./log-watch.ts";
import type { Side, Source } from "./source.ts";

/** The log as it will be asked: while which side is played, and by what; or why it cannot be. */
export type LogQuestion = { readonly side: "against" | "with"; readonly watch: LogWatch } | { readonly refused: readonly string[] };

/**
 * Prepares to ask the log what a policy is worth. Its state at each logged wake is that of the play of one side: of the one that has decided
 * more of it.
 */
export function askLog({ decisions }: Pick<Source, "decisions">, against: Side, other: Side): LogQuestion {
  if (decisions.length === 0) return { refused: ["it holds no decision"] };
  const made = (version: string): number => decisions.filter(({ policyVersion }) => policyVersion === version).length;
  const [byAgainst, byOther] = [made(against.policy.version), made(other.policy.version)];
  if (byAgainst + byOther === 0)
    return { refused: ["neither policy has decided any of it: compare with the version that has (--against VERSION)"] };
  const side = byAgainst >= byOther ? "against" : "with";
  const { version } = (side === "against" ? against : other).policy;
  if (!decisions.some(({ policyVersion, probability }) => policyVersion === version && probability < 1))
    return { refused: ["none of its decisions was drawn: it was written without exploring (learning.explore)"] };
  return { side, watch: new LogWatch(version, decisions, other) };
}

/** What the log says that the other policy is worth, once its side was played; or why it cannot say. */
export async function valueOfLog(source: Pick<Source, "log">, question: LogQuestion, seed: string): Promise<Evaluated> {
  if ("refused" in question) return question;
  const { watch } = question;
  const asked: { readonly row: LoggedDecision; readonly choice: OtherChoice }[] = [];
  const left = { otherVersions: 0, unknown: 0 };
  for await (const { row, decisionId, policyVersion } of source.log()) {
    if (row.isAgain) continue;
    const choice = watch.choiceAt(decisionId);
    if (policyVersion !== watch.version) left.otherVersions++;
    else if (!choice) left.unknown++;
    else asked.push({ row: asLogged(row), choice });
  }
  if (asked.length < left.unknown)
    return {
      refused: [
        `of ${left.unknown + asked.length} logged decisions ${left.unknown} do not come out the same when the record is played again, so that it is not known how their customers stood`,
      ],
    };
  const { decisions, units, confidence, logged, estimates, refusals, warnings } = evaluatePolicy(
    asked.map(({ row }) => row),
    {
      policy: {
        kind: "given",
        probabilities: asked.map(({ choice }) => choice.probabilities),
        ofLogged: asked.map(({ choice }) => choice.ofLogged),
      },
      seed,
    },
  );
  if (!logged || !estimates) return { refused: refusals };
  return { decisions, units, confidence, logged, estimates, warnings: [...warnings, ...leftOutInWords(left)] };
}

// --- internal ---

/** Choices are those of the policy that has decided: the other one may have more. */
const asLogged = ({ keys: _keys, choices: _choices, isAgain: _again, ...row }: LogRow): LoggedDecision => ({
  ...row,
  reward: row.reward ?? 0,
});

const leftOutInWords = ({ otherVersions, unknown }: { readonly otherVersions: number; readonly unknown: number }): string[] => [
  ...(otherVersions > 0 ? [`${otherVersions} decisions of other versions are left out`] : []),
  ...(unknown > 0
    ? [
        `${unknown} decisions are left out: of further places of an ask, or of customers who come to something else when the record is played again`,
      ]
    : []),
];
