import { existsSync } from "node:fs";
import { join } from "node:path";
import { readConfig } from "../../config/config.ts";
import { diagnose, examineModel, type Finding } from "../../runtime/diagnose.ts";
import { diagnoseNode } from "../../runtime/diagnose-node.ts";
import { examineWorkspace } from "../../runtime/open-workspace.ts";
import type { WorkspaceFile } from "../../workspace/schema.ts";
import { type Common, DONE, FAILED, type OnStore, workspaceOf } from "../command.ts";
import type { Io } from "../io.ts";
import { table } from "../views/table.ts";
import { DEFAULT_DATA } from "../with-store.ts";

export async function run({ data, workspace, json }: OnStore & Pick<Common, "json">, io: Io): Promise<number> {
  const { databaseUrl, redisUrl, model } = readConfig(io.environment);
  const { finding, settings } = await lookAtWorkspace(workspaceOf({ workspace }), io);
  const findings: Finding[] = [
    diagnoseNode(process.version),
    finding,
    ...(await diagnose({ dataDir: data ?? DEFAULT_DATA, databaseUrl, redisUrl })),
    ...(settings ? [await examineModel(settings.model, model)] : []),
  ];
  const signs = { good: io.paint.green("✓"), absent: io.paint.dim("·"), bad: io.paint.red("✗") };
  if (json) io.out(JSON.stringify(findings));
  else for (const line of table(findings.map(({ what, state, detail }) => [signs[state], what, detail]))) io.out(line);
  return findings.some(({ state }) => state === "bad") ? FAILED : DONE;
}

// --- internal ---

interface Looked {
  readonly finding: Finding;
  /** `sentient.yaml`, where it exists and is valid. */
  readonly settings?: WorkspaceFile;
}

async function lookAtWorkspace(dir: string, { environment }: Io): Promise<Looked> {
  if (!existsSync(join(dir, "sentient.yaml")))
    return { finding: { what: "workspace", state: "absent", detail: `${dir} has no sentient.yaml; --workspace DIR names another folder` } };
  const { checked } = await examineWorkspace(dir, { environment });
  if (!checked.ok)
    return { finding: { what: "workspace", state: "bad", detail: `${checked.problems.length} problems; see: sentient check ${dir}` } };
  const { policy, settings } = checked.workspace;
  return { finding: { what: "workspace", state: "good", detail: `${policy.name}, ${policy.experiences.length} experiences` }, settings };
}
