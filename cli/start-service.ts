import { setTimeout as sleep } from "node:timers/promises";
import { type Config, readConfig } from "../config/config.ts";
import { consoleFolder } from "../config/package-root.ts";
import { silenceThirdPartyTracing } from "../config/third-party-tracing.ts";
import type { WriteKey } from "../domain/identity/key-rights.ts";
import type { PersonKey } from "../domain/identity/roles.ts";
import { SECOND } from "../domain/values/time.ts";
import type { PublishedView } from "../operations/versions/views.ts";
import { beginWith } from "../runtime/begin-store.ts";
import { type ModelSettings, modelOf } from "../runtime/connect-model.ts";
import { type EmbeddingsSettings, embeddingsFor } from "../runtime/embeddings/connect-embeddings.ts";
import { codeInFolder, compilingVersions, rememberingModel } from "../runtime/following/compile-version.ts";
import { PUBLISHER, type PublishesFolder, publishFolder } from "../runtime/following/publish-folder.ts";
import { publishedCode } from "../runtime/following/published-code.ts";
import { bundleWorkspace } from "../runtime/load-code.ts";
import { compilingWith, openWorkspace } from "../runtime/open-workspace.ts";
import { openService, type Service } from "../runtime/service.ts";
import { Codes } from "../server/access/codes.ts";
import { createApp } from "../server/app.ts";
import { readConsole } from "../server/console.ts";
import { type Listening, listen } from "../server/listen.ts";
import { createLog, type Log } from "../telemetry/log.ts";
import { openTracing } from "../telemetry/open-tracing.ts";
import { packFiles } from "../workspace/versions/version-files.ts";
import { type Common, DONE, FAILED, INTERRUPTED, workspaceOf } from "./command.ts";
import type { Io } from "./io.ts";
import { assessingApart, type KeptCode } from "./proposals/assess-apart.ts";
import { rehearsingApart } from "./rehearsal/rehearse-apart.ts";
import { sourceOf } from "./versions.ts";
import { DEFAULT_DATA } from "./with-store.ts";

export interface Started {
  readonly service: Service;
  readonly config: Config;
  readonly log: Log;
  readonly dataDir: string;
  /** Checks the folder as it is now and puts it in force, with its code; rejects with its problems. */
  publishAgain(): Promise<PublishedView>;
}

/** Default number of concurrent batches: while some wait for a model or a provider, another is worked on. */
export const BATCHES_AT_ONCE = 4;

/** Arguments of a command that opens a service. */
export interface Serving extends Pick<Common, "workspace"> {
  readonly dir: string | undefined;
  readonly data?: string | undefined;
}

/** Arguments of a command that listens. */
export interface Listens extends Serving, Pick<Common, "json"> {
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly noConsole: boolean;
}

/** Arguments of a command that may publish its folder, or run code that was kept. */
export interface Publishes {
  readonly publish: boolean;
  readonly code: CodeFrom | undefined;
}

/** Where the code of a version comes from: the folder, where it is the same, or what was kept with the version. */
export type CodeFrom = "folder" | "published";

export interface StartOptions {
  /** Number of concurrent batches; 0 decides nothing. */
  readonly concurrencyOn: (isEmbedded: boolean) => number;
  /** Whether a file channel may replace a channel that cannot be opened. */
  readonly mayStandIn: boolean;
  /** Whether it plays rehearsals, in a process beside this one. */
  readonly rehearses: boolean;
  /** When the folder is published. */
  readonly publishes: PublishesFolder;
  /** Default: the folder. */
  readonly codeFrom?: CodeFrom | undefined;
}

/** Opens the service of a workspace on the store of the environment. */
export async function startService(
  args: Serving,
  io: Io,
  { concurrencyOn, mayStandIn, rehearses, publishes, codeFrom }: StartOptions,
): Promise<Started> {
  const opened = await openWorkspace(workspaceOf(args), io);
  const { workspace, tools, channels } = opened;
  const config = readConfig(io.environment);
  const dataDir = args.data ?? DEFAULT_DATA;
  const databaseUrl = args.data === undefined ? config.databaseUrl : undefined;
  const tracing = await openTracing(config.tracing, () => log.warn("traces are not exported as the environment asks"));
  const log = createLog(io.warn, io.now, () => tracing.current());
  const silenced = silenceThirdPartyTracing();
  if (silenced.length > 0) log.warn("LangChain's own tracing is not used here and turned off", { variables: silenced });
  const modelFor = rememberingModel((settings: ModelSettings | undefined) => modelOf(settings, config.model, (why) => log.warn(why)));
  const embedsFor = rememberingModel((settings: EmbeddingsSettings | undefined) =>
    embeddingsFor(settings, config.model, (why) => log.warn(why)),
  );
  const { dir } = workspace;
  const folder = { publishes, from: sourceOf(dir), bundle: () => bundleWorkspace(dir), now: io.now, log };
  let codeOf = codeInFolder(opened);
  let versions: { bundles(policyVersion: string): Promise<KeptCode | undefined>; inForce(): Promise<string | undefined> } | undefined;
  const bundlesOf = async (policyVersion: string): Promise<KeptCode | undefined> => versions?.bundles(policyVersion);
  // A proposal changes no code, so that it runs that of the version in force.
  const bundlesInForce = async (): Promise<KeptCode | undefined> => bundlesOf((await versions?.inForce()) ?? "");
  const runsKept = codeFrom === "published";
  const service = await openService({
    following: {
      log,
      async before(store) {
        if (runsKept) codeOf = publishedCode(store);
        versions = store.versions;
        await publishFolder(workspace, store, folder);
      },
      compile: compilingVersions({ environment: io.environment, codeOf: (files) => codeOf(files), modelFor, embeddingsFor: embedsFor }),
    },
    policy: workspace.policy,
    tools,
    channels,
    compile: compilingWith({ tools, channels }, io),
    assess: assessingApart({ dir, environment: io.environment, bundlesOf: runsKept ? bundlesInForce : undefined }),
    ...(rehearses ? { rehearse: rehearsingApart({ dir, environment: io.environment, bundlesOf: runsKept ? bundlesOf : undefined }) } : {}),
    log,
    tracing,
    dataDir,
    now: io.now,
    concurrency: concurrencyOn(databaseUrl === undefined),
    httpHosts: config.httpHosts,
    model: modelFor(workspace.settings.model),
    embeddings: embedsFor(workspace.settings.embeddings),
    onPrepare: () => log.info("the embedded store is prepared, once"),
    onWarning: (text: string) => log.warn(text),
    onUpgrade: (text: string) => log.info(text),
    ...(mayStandIn
      ? { standIn: (channel: string, problem: string) => log.warn("a file stands in for a channel", { channel, problem }) }
      : {}),
    beforeWork: beginWith(workspace, io.now, log),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
    ...(config.redisUrl === undefined ? {} : { redisUrl: config.redisUrl }),
  });
  const publishAgain = async (): Promise<PublishedView> => {
    const { workspace: saved, ...code } = await openWorkspace(dir, io);
    if (codeFrom !== "published") codeOf = codeInFolder({ workspace: saved, ...code });
    const versions = service.versionsWith({ compile: compilingWith(code, io), bundle: folder.bundle });
    return versions.publish({ files: packFiles(saved.files), force: true, from: folder.from }, { by: PUBLISHER });
  };
  return { service, config, log, dataDir, publishAgain };
}

/** The keys that a server accepts. */
export interface ServerKeys {
  readonly writeKeys: readonly WriteKey[];
  readonly operatorKeys: readonly string[];
  readonly consoleKeys: readonly PersonKey[];
}

/** Lets commands find the server through the data folder. */
export const announce = ({ service }: Started, url: string, { writeKeys, operatorKeys, consoleKeys }: ServerKeys): void =>
  service.announce(url, [...operatorKeys, ...[...writeKeys, ...consoleKeys].map(({ key }) => key)]);

/**
 * Serves the API of a service, and the console.
 *
 * @param codes codes that sign in once
 */
export function serveApi(
  args: Listens,
  { service, config }: Started,
  keys: ServerKeys,
  codes = new Codes(service.now),
): Promise<Listening> {
  const { host, port } = args;
  const pages = hasConsole(args, config) ? { console: { files: readConsole(consoleFolder) } } : {};
  const { siteKeys, siteSecret, publicUrl, proxy } = config;
  const app = createApp({ service, ...keys, ...{ siteKeys, siteSecret }, ...pages, codes, publicUrl, proxy });
  return listen(app, { host: host ?? config.host ?? "127.0.0.1", port: port ?? config.port ?? DEFAULT_PORT });
}

/** Whether the pages of the console are served. */
export const hasConsole = ({ noConsole }: Pick<Listens, "noConsole">, config: Pick<Config, "console">): boolean =>
  config.console && !noConsole;

/** Waits for a stop signal, then shuts down gracefully within a time limit. Returns the exit status. */
export async function runUntilStopped({ service, log }: Started, listening?: Listening): Promise<number> {
  const signal = await stopSignal();
  log.info("finishing the work in progress", { signal });
  service.drain();
  const isClosed = await within(STOP_MS, async () => {
    // The load balancer has to see `/readyz` fail before connections are refused. After Ctrl-C no such notice is needed.
    if (listening && signal === "SIGTERM") await sleep(NOTICE_MS);
    await listening?.close();
    await service.close();
  });
  if (!isClosed) {
    log.error("not all work could be finished in time; other processes continue the rest, or the next start does");
    // Hanging work would keep the process alive.
    setImmediate(() => process.exit(FAILED));
    return FAILED;
  }
  log.info("stopped");
  return signal === "SIGTERM" ? DONE : INTERRUPTED;
}

// --- internal ---

/** Container platforms kill a process after 30 s or less. */
const STOP_MS = 25 * SECOND;

/** How long requests are still accepted after `/readyz` fails. */
const NOTICE_MS = 3 * SECOND;

const DEFAULT_PORT = 3000;

/** The signal that asks this process to stop; the second one ends it at once, but for a hangup, of which there may be two at once. */
export function stopSignal(): Promise<"SIGINT" | "SIGTERM" | "SIGHUP"> {
  return new Promise((resolve) => {
    let isSecond = false;
    process.on("SIGHUP", () => {
      isSecond = true;
      resolve("SIGHUP");
    });
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        if (isSecond) process.exit(signal === "SIGINT" ? INTERRUPTED : 143);
        isSecond = true;
        resolve(signal);
      });
    }
  });
}

async function within(ms: number, work: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([work().then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
  }
}
