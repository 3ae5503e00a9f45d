import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, expect, test } from "vitest";
import { compilingWith, openWorkspace } from "../../runtime/open-workspace.ts";
import { type Started, startSentient } from "../../testing/process.ts";
import { describeOn, OPERATOR_KEY, openTestService, type Place, sharedEngines, until, WRITE_KEY } from "../../testing/service.ts";
import { packFiles } from "../../workspace/versions/version-files.ts";

const root = mkdtempSync(join(tmpdir(), "sentient-two-servers-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Shown {
  readonly rehearsalId: string;
  readonly status: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly result?: { readonly recorded: unknown };
}

interface Server {
  readonly started: Started;
  readonly post: (body: Readonly<Record<string, number>>) => Promise<string>;
  readonly show: (rehearsalId: string) => Promise<Shown>;
}

describeOn(
  sharedEngines.filter(({ name }) => name.includes("Redis")),
  "on $name",
  ({ place }) => {
    test("two servers, a rehearsal asked of each: one is played at a time, and when its server is killed the other one takes it up and plays both", async () => {
      const dir = aFolder();
      const at = await place();
      await record(dir, at);
      const pool = new pg.Pool({ connectionString: at.databaseUrl, max: 1, options: "-c search_path=sentient" });
      const servers = await Promise.all([serve(dir, at), serve(dir, at)]);
      try {
        const [one, other] = servers;
        const first = await one.post({ days: 300, paths: 2 });
        const second = await other.post({ days: 1, paths: 1 });
        const player = await playerOf(first, servers);
        const left = player === one ? other : one;
        if (existsSync("/proc/self/task")) await until(() => playingBeside(player).length === 1, "the process that plays");
        const children = playingBeside(player);
        expect([(await left.show(first)).status, (await player.show(second)).status]).toEqual(["running", "waiting"]);
        expect(playingBeside(left)).toEqual([]);
        player.started.kill("SIGKILL");
        await until(() => children.every((pid) => wordsOf(pid) === ""), "the end of the process that its server has left");
        // Nobody else may have it as long as its lease lasts; the test does not wait for that.
        const { rows } = await pool.query(
          "select extract(epoch from until - clock_timestamp())::float8 as left from rehearsals where rehearsal_id = $1",
          [first],
        );
        expect([(await left.show(first)).status, (await left.show(second)).status]).toEqual(["running", "waiting"]);
        expect(rows[0].left).toBeLessThanOrEqual(30);
        await pool.query("update rehearsals set until = clock_timestamp() where rehearsal_id = $1", [first]);
        await until(async () => (await left.show(second)).status === "done", "the end of the second rehearsal");
        const [shown, next] = [await left.show(first), await left.show(second)];
        expect(shown).toMatchObject({ status: "done", result: { recorded: { with: { deliveries: 2 } } } });
        expect(Date.parse(next.startedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(shown.endedAt ?? ""));
      } finally {
        await pool.end();
        for (const { started } of servers) started.kill("SIGKILL");
        await Promise.all(servers.map(({ started }) => started.ended));
        await at.remove();
      }
    });
  },
);

// --- internal ---

function aFolder(): string {
  const dir = join(root, "shop");
  mkdirSync(join(dir, "experiences"), { recursive: true });
  writeFileSync(
    join(dir, "sentient.yaml"),
    "version: 1\nname: Shop\ntimezone: UTC\nchannels: {box: {kind: file, address: none}}\nmoments: {m: {on: go, expires: 1d}}\ngovernance: {consent: {box: opt_out}}\n",
  );
  writeFileSync(join(dir, "experiences", "hello.yaml"), "id: hello\nserves: [m]\nstatus: approved\nchannels: {box: {text: Hi}}\n");
  return dir;
}

/** Publishes a folder, and decides a signal of each of two customers. */
async function record(dir: string, at: Place): Promise<void> {
  const { workspace } = await openWorkspace(dir, { environment: {} });
  const compile = compilingWith({ tools: [], channels: [] }, { environment: {} });
  const running = await openTestService(workspace.policy, at, { compile, assess: async () => ({ problems: [], golden: [] }) });
  try {
    await running.post("/v1/versions", { files: packFiles(workspace.files) });
    for (const id of ["c-1", "c-2"]) await running.signal("go", id);
    await running.settled();
  } finally {
    await running.close();
  }
}

async function serve(dir: string, { databaseUrl = "", redisUrl = "" }: Place): Promise<Server> {
  const started = startSentient(
    ["serve", "--port", "0"],
    { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, SENTIENT_WRITE_KEYS: WRITE_KEY, SENTIENT_OPERATOR_KEYS: OPERATOR_KEY },
    dir,
  );
  const [, url = ""] = await started.line(/^listening at (\S+)/);
  const headers = { authorization: `Bearer ${OPERATOR_KEY}`, "content-type": "application/json" };
  return {
    started,
    async post(body) {
      const response = await fetch(`${url}/v1/rehearsals`, { method: "POST", headers, body: JSON.stringify(body) });
      return ((await response.json()) as Shown).rehearsalId;
    },
    show: async (rehearsalId) => (await fetch(`${url}/v1/rehearsals/${rehearsalId}`, { headers })).json() as Promise<Shown>,
  };
}

/** The server that plays a rehearsal, as it logs. */
const playerOf = (rehearsalId: string, servers: readonly Server[]): Promise<Server> =>
  Promise.any(servers.map((server) => server.started.line(new RegExp(`a rehearsal is played.*${rehearsalId}`)).then(() => server)));

/** Processes that play beside a server; none are known where the system has no files about them. */
function playingBeside({ started: { process } }: Server): number[] {
  const file = `/proc/${process.pid}/task/${process.pid}/children`;
  if (!existsSync(file)) return [];
  const children = readFileSync(file, "utf8").split(" ").filter(Boolean).map(Number);
  return children.filter((pid) => wordsOf(pid).includes("rehearse-given"));
}

function wordsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    // It has ended.
    return "";
  }
}
