import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll } from "vitest";
import { createPaint, type Io } from "../../cli/io.ts";
import { assessFiles } from "../../cli/proposals/assess-files.ts";
import type { Json } from "../../domain/values/json.ts";
import { compilingWith } from "../../runtime/open-workspace.ts";
import { type Listening, listen } from "../../server/listen.ts";
import { policyOf } from "../policy.ts";
import { OPERATOR_KEY, openTestService, type TestService } from "../service.ts";
import { runTyped, type TypedOptions } from "./typed-command.ts";

/** The places of the same customers: a store on this machine, and a server that the environment names. */
export const PLACES = ["a store", "SENTIENT_URL"] as const;
export type Place = (typeof PLACES)[number];

export interface OnBothOptions {
  readonly settings: string;
  readonly experiences: readonly string[];
  /** CloudEvents that the store replays. */
  readonly signals: readonly Json[];
  /** The time until which the store replays; default: that of the last signal. */
  readonly until?: string;
  /** The signals of the server, which decides by the wall clock; default: the same. */
  readonly served?: readonly Json[];
  /** Whether commands on the store name the workspace too. */
  readonly namesWorkspace?: boolean;
}

export interface TypedOutput {
  readonly status: number;
  readonly out: string;
  readonly noted: string;
}

export interface CommandsOnBoth {
  /** Types a command in a place, like `tasks list`, and returns what it printed. */
  type(place: Place, command: string, words?: readonly string[], options?: TypedOptions): Promise<TypedOutput>;
  /** Asks the server, with its operator key. */
  get(path: string): Promise<unknown>;
  /** Waits until the server has decided everything. */
  settled(): Promise<unknown>;
}

/** Opens a store and a server with the same workspace and signals for the tests of a file. */
export function commandsOnBoth({ settings, experiences, signals, until, served = signals, namesWorkspace }: OnBothOptions): CommandsOnBoth {
  const root = mkdtempSync(join(tmpdir(), "sentient-both-"));
  const workspace = join(root, "workspace");
  const store = { options: { data: join(root, "data"), ...(namesWorkspace ? { workspace } : {}) }, environment: {} };
  let service: TestService | undefined;
  let listening: Listening | undefined;
  const targetOf = (place: Place): Target =>
    place === "a store" ? store : { options: {}, environment: { SENTIENT_URL: listening?.url, SENTIENT_OPERATOR_KEYS: OPERATOR_KEY } };
  beforeAll(async () => {
    mkdirSync(join(workspace, "experiences"), { recursive: true });
    writeFileSync(join(workspace, "sentient.yaml"), `version: 1\nname: Both\n${settings}`);
    for (const [place, text] of experiences.entries()) writeFileSync(join(workspace, "experiences", `${place}.yaml`), text);
    writeFileSync(join(workspace, "signals.jsonl"), signals.map((signal) => JSON.stringify(signal)).join("\n"));
    await typed("run", [workspace], until === undefined ? {} : { until }, { options: { data: store.options.data }, environment: {} });
    service = await openTestService(
      policyOf(settings, experiences),
      { remove: async () => {} },
      {
        compile: compilingWith(NO_CODE, { environment: {} }),
        assess: (files) => assessFiles(files, { code: NO_CODE, dir: workspace }, silentIo({})),
      },
    );
    for (const signal of served) {
      await service.post("/v1/signals", signal);
      await service.settled();
    }
    listening = await listen(service.app, { host: "127.0.0.1", port: 0 });
  });
  afterAll(async () => {
    await listening?.close();
    await service?.close();
    rmSync(root, { recursive: true, force: true });
  });
  return {
    type: (place, command, words = [], options = {}) => typed(command, words, options, targetOf(place)),
    get: async (path) => service?.get(path),
    settled: async () => service?.settled(),
  };
}

// --- internal ---

const NO_CODE = { tools: [], channels: [] };

interface Target {
  readonly options: TypedOptions;
  readonly environment: Io["environment"];
}

async function typed(command: string, words: readonly string[], more: TypedOptions, { options, environment }: Target) {
  const said = { out: [] as string[], noted: [] as string[] };
  const io: Io = {
    ...silentIo(environment),
    ...{ out: (line) => void said.out.push(line), note: (line) => void said.noted.push(line) },
  };
  const status = await runTyped(command, words, { ...options, ...more }, io);
  return { status, out: said.out.join("\n"), noted: said.noted.join("\n") };
}

const silentIo = (environment: Io["environment"]): Io => ({
  ...{ out: () => {}, note: () => {}, warn: () => {}, progress: () => {} },
  ...{ paint: createPaint(false), stdin: Readable.from([]), environment, columns: 100, isTerminal: false, now: Date.now },
  isStopped: () => false,
});
