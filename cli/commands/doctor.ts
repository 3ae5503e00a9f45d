import { existsSync } from "node:fs";
import { join } from "node:path";
import { readConfig } from "../../config/config.ts";
import { consoleFolder } from "../../config/package-root.ts";
import { SentientError } from "../../domain/errors.ts";
import { diagnose, examineModel, type Finding } from "../../runtime/diagnose.ts";
import { diagnoseConsole } from "../../runtime/diagnose-console.ts";
import { diagnoseNode } from "../../runtime/diagnose-node.ts";
import { examineEmbeddings } from "../../runtime/embeddings/examine-embeddings.ts";
import { examineWorkspace } from "../../runtime/open-workspace.ts";
import type { WorkspaceFile } from "../../workspace/schema.ts";
import { type Common, DONE, FAILED, type OnStore, workspaceOf } from "../command.ts";
import type { Io } from "../io.ts";
import { findServer } from "../server-client.ts";
import { table } from "../views/table.ts";
import { DEFAULT_DATA } from "../with-store.ts";

export async function run({ data, workspace, json }: OnStore & Pick<Common, "json">, io: Io): Promise<number> {
  const { databaseUrl, redisUrl, model, serverUrl } = readConfig(io.environment);
  const { finding, settings, version } = await lookAtWorkspace(workspaceOf({ workspace }), io);
  const findings: Finding[] = [
    diagnoseNode(process.version),
    diagnoseConsole(consoleFolder),
    finding,
    ...(await diagnose({ dataDir: data ?? DEFAULT_DATA, databaseUrl, redisUrl, folder: version })),
    ...(settings ? [await examineModel(settings.model, model)] : []),
    ...(settings?.embeddings ? [await examineEmbeddings(settings.embeddings, model, { dataDir: data ?? DEFAULT_DATA, databaseUrl })] : []),
    ...(serverUrl === undefined ? [] : [await lookAtServer(serverUrl, io)]),
  ];
  const signs = { good: io.paint.green("✓"), absent: io.paint.dim("·"), bad: io.paint.red("✗") };
  if (json) io.out(JSON.stringify(findings));
  else for (const line of table(findings.map(({ what, state, detail }) => [signs[state], what, detail]))) io.out(line);
  return findings.some(({ state }) => state === "bad") ? FAILED : DONE;
}

// --- internal ---

/** Whether the server to which commands go answers, and takes the key. */
async function lookAtServer(url: string, io: Io): Promise<Finding> {
  const what = "server of SENTIENT_URL";
  try {
    await findServer({}, io).get("/v1/pauses");
    return { what, state: "good", detail: `${new URL(url).origin} answers and takes the key; commands on a store go there` };
  } catch (error) {
    if (!(error instanceof SentientError)) throw error;
    return { what, state: "bad", detail: error.message };
  }
}

interface Looked {
  readonly finding: Finding;
  /** `sentient.yaml`, where it exists and is valid. */
  readonly settings?: WorkspaceFile;
  /** Its `policyVersion`. */
  readonly version?: string;
}

async function lookAtWorkspace(dir: string, { environment }: Io): Promise<Looked> {
  if (!existsSync(join(dir, "sentient.yaml")))
    return { finding: { what: "workspace", state: "absent", detail: `${dir} has no sentient.yaml; --workspace DIR names another folder` } };
  const { checked } = await examineWorkspace(dir, { environment });
  if (!checked.ok)
    return { finding: { what: "workspace", state: "bad", detail: `${checked.problems.length} problems; see: npx sentient check ${dir}` } };
  const { policy, settings } = checked.workspace;
  return {
    finding: { what: "workspace", state: "good", detail: `${policy.name}, ${policy.experiences.length} experiences` },
    settings,
    version: policy.version,
  };
}
