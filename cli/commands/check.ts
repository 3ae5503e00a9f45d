import { describeProblem } from "../../workspace/problem.ts";
import { type Command, DONE, workspaceOf } from "../command.ts";
import { examineWorkspace } from "../open-workspace.ts";

export const command: Command = {
  async run(args, { out, note, paint, environment }) {
    const dir = workspaceOf(args);
    const { checked } = await examineWorkspace(dir, { environment });
    const isJson = args.options.json === true;
    if (!checked.ok) {
      if (isJson) out(JSON.stringify({ ok: false, problems: checked.problems }));
      else for (const problem of checked.problems) out(`${paint.red("✗")} ${describeProblem(problem)}`);
      note(`${checked.problems.length === 1 ? "1 problem" : `${checked.problems.length} problems`}`);
      return 2;
    }
    const { policy, notes } = checked.workspace;
    const approved = policy.experiences.filter(({ status }) => status === "approved").length;
    const counts = {
      moments: policy.moments.length,
      experiences: policy.experiences.length,
      approved,
      channels: Object.keys(policy.channels).length,
    };
    if (isJson) out(JSON.stringify({ ok: true, name: policy.name, policyVersion: policy.version, ...counts, notes }));
    else {
      out(
        `${paint.green("✓")} ${paint.bold(policy.name)} is sound: ${counts.experiences} experiences (${approved} approved), ${counts.moments} moments, ${counts.channels} channels`,
      );
      for (const text of notes) out(`${paint.yellow("·")} ${text}`);
    }
    return DONE;
  },
};
