import type { Content, StageRule } from "../domain/entities/policy.ts";
import { compileCondition } from "./conditions.ts";
import type { Path, Report } from "./report.ts";
import type { WorkspaceFile } from "./schema.ts";
import type { YamlFile } from "./yaml.ts";

/** Compiles `stages`. A stage below one that always holds, and a condition that reads the stage itself, are problems. */
export function compileStages(given: WorkspaceFile["stages"], yaml: YamlFile, report: Report): StageRule[] {
  const stages = Object.entries(given);
  const last = stages.findIndex(([, { when }]) => isAlwaysMet(when));
  const lastName = stages[last]?.[0];
  return stages.map(([name, { when }], index) => {
    const path: Path = ["stages", name];
    if (last >= 0 && index > last)
      report.problem(yaml, path, `is never reached: ${lastName} above it always holds; put a stage without when last`);
    if (when === undefined) return { name };
    if (readsStage(when)) report.problem(yaml, [...path, "when"], "reads customer.stage, which is what it decides");
    return { name, when: report.condition(when, yaml, [...path, "when"]) };
  });
}

/** A text's content where the workspace has stages: `customer.stage` is no fact then, and a text that needs it cannot be written without. */
export function withStage(content: Content): Content {
  const read = content.facts.filter(({ path }) => path === "stage");
  if (read.length === 0) return content;
  return {
    ...content,
    facts: content.facts.filter(({ path }) => path !== "stage"),
    needs: [...content.needs, ...(read.some(({ optional }) => !optional) ? [["customer", "stage"]] : [])],
    builtIns: new Set([...content.builtIns, "stage"]),
  };
}

// --- internal ---

const isAlwaysMet = (when: string | undefined): boolean => when === undefined || when.trim() === "true";

function readsStage(when: string): boolean {
  const compiled = compileCondition(when);
  return (
    compiled.ok && compiled.names.some((found) => found.kind === "path" && found.steps[0] === "customer" && found.steps[1] === "stage")
  );
}
