import { consoleFolder } from "../../config/package-root.ts";
import { RIGHTS } from "../../domain/identity/key-rights.ts";
import type { PersonKey, Role } from "../../domain/identity/roles.ts";
import type { Assess } from "../../operations/proposals/assessment.ts";
import type { VersionDeps } from "../../operations/versions/versions.ts";
import { type ModelSettings, modelOf } from "../../runtime/connect-model.ts";
import { codeInFolder, compilingVersions, rememberingModel } from "../../runtime/following/compile-version.ts";
import { publishFolder } from "../../runtime/following/publish-folder.ts";
import { compilingWith, openWorkspace } from "../../runtime/open-workspace.ts";
import { openServiceOnStore, type ServiceOnStore } from "../../runtime/service.ts";
import { Codes } from "../../server/access/codes.ts";
import { createApp } from "../../server/app.ts";
import { readConsole } from "../../server/console.ts";
import { fingerprintOf } from "../../server/keys.ts";
import { type Listening, listen } from "../../server/listen.ts";
import type { Store } from "../../store/store.ts";
import { silentLog } from "../../telemetry/log.ts";
import { type Started, startSentient } from "../process.ts";
import { OPERATOR_KEY, WRITE_KEY } from "../service.ts";
import { inventRehearsal } from "./invented-rehearsals.ts";
import { STORY_ENDS } from "./recording.ts";

/** The key of a person who has a role in the tests. */
export const keyOf = (role: Role): string => `console-key-of-a-test-${role}`;

/** One person a role. */
const NAMES = { viewer: "vera", operator: "ann", approver: "paul", steward: "stella", analyst: "alan", admin: "ada" } as const;
const PEOPLE: readonly PersonKey[] = (Object.keys(NAMES) as Role[]).map((role) => ({ key: keyOf(role), name: NAMES[role], role }));

/** A server with the console; after a stop it starts again on the same port and store. */
export interface Serving {
  url(): string;
  /** Of a server in this process. */
  service(): ServiceOnStore;
  link(): string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A server in this process, whose clock goes on from the end of the recorded story. */
export async function serveHere(folder: string, dataDir: string): Promise<Serving> {
  const began = Date.now();
  const now = (): number => Date.parse(STORY_ENDS) + (Date.now() - began);
  const opened = await openWorkspace(folder, { environment: {} });
  const { workspace, tools, channels } = opened;
  const modelFor = rememberingModel((settings: ModelSettings | undefined) => modelOf(settings, {}, () => {}));
  const compile = compilingWith({ tools, channels }, { environment: {} });
  const following = {
    log: silentLog,
    before: (store: Store) =>
      publishFolder(workspace, store, { publishes: "first", from: "a folder", bundle: async () => [], now, log: silentLog }),
    compile: compilingVersions({ environment: {}, codeOf: codeInFolder(opened), modelFor }),
  };
  let port = 0;
  let running: { readonly service: ServiceOnStore; readonly listening: Listening } | undefined;
  const codes = new Codes(now);
  const start = async (): Promise<void> => {
    const service = await openServiceOnStore({
      ...{ policy: workspace.policy, tools, channels, dataDir, log: silentLog, now, concurrency: 1 },
      ...{ following, compile, assess: assessing(compile), rehearse: inventRehearsal, model: modelFor(workspace.settings.model) },
      standIn: () => {},
    });
    const app = createApp({
      ...{ service, consoleKeys: PEOPLE, operatorKeys: [OPERATOR_KEY], checksAnswers: true, codes },
      console: { files: readConsole(consoleFolder) },
      writeKeys: [{ key: WRITE_KEY, rights: RIGHTS }],
    });
    const listening = await listen(app, { host: "127.0.0.1", port });
    port = Number(new URL(listening.url).port);
    running = { service, listening };
  };
  await start();
  return {
    url: () => `http://127.0.0.1:${port}`,
    service: () => {
      if (!running) throw new Error("the server is stopped");
      return running.service;
    },
    start,
    link: () => {
      const code = codes.issue({ name: "olga", role: "admin", fingerprint: fingerprintOf(OPERATOR_KEY) });
      return `http://127.0.0.1:${port}/console#code=${code}`;
    },
    async stop() {
      const { service, listening } = running ?? {};
      running = undefined;
      service?.drain();
      await listening?.close();
      await service?.close();
    },
  };
}

/** A server in a process of its own, by `sentient serve`; it is stopped by a kill. */
export async function serveInProcess(folder: string, dataDir: string): Promise<Serving> {
  let port = "0";
  let running: Started | undefined;
  const start = async (): Promise<void> => {
    running = startSentient(["serve", folder, "--data", dataDir, "--port", port], {
      SENTIENT_CONSOLE_KEYS: PEOPLE.map(({ name, role, key }) => `${name}/${role}=${key}`).join(","),
      SENTIENT_OPERATOR_KEYS: OPERATOR_KEY,
      SENTIENT_WRITE_KEYS: [WRITE_KEY, ...RIGHTS].join("+"),
    });
    const [, heard = ""] = await running.line(/^listening at http:\/\/127\.0\.0\.1:(\d+)/);
    port = heard;
  };
  await start();
  const notHere = (): never => {
    throw new Error("the server is in another process");
  };
  return {
    ...{ url: () => `http://127.0.0.1:${port}`, service: notHere, link: notHere, start },
    async stop() {
      running?.kill("SIGKILL");
      await running?.ended;
    },
  };
}

// --- internal ---

/** Golden decisions are not run here: each suite passes. `serveInProcess` runs them. */
const assessing =
  (compile: VersionDeps["compile"]): Assess =>
  async (files) => {
    const checked = compile(files);
    const suites = [...files].filter(([file]) => file.startsWith("evals/"));
    return {
      problems: checked.ok ? [] : checked.problems.map(({ file, message }) => ({ file, message })),
      golden: suites.map(([file, bytes]) => {
        const name = /^name: (.*)$/m.exec(bytes.toString("utf8"))?.[1] ?? file;
        return { ...{ name, file, passed: true, gate: 1, score: 1 }, cases: [{ name: `all of ${name}`, passed: true, differs: [] }] };
      }),
    };
  };
