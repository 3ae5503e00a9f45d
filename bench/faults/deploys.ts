import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Random } from "../../domain/values/random.ts";
import { OPERATOR_KEY } from "../load/keys.ts";
import { spread } from "../machine.ts";
import { type Held, noneOf } from "./promise.ts";
import type { Recorded } from "./record.ts";

const EXPERIENCE = "experiences/e.yaml";

/** The text of the folder's own version. */
export const FIRST_TEXT = "Version 0.";

/** Publishes versions of a workspace at a running server, and rolls back: each version sends a text of its own. */
export class Deploys {
  private readonly files: Readonly<Record<string, string>>;
  private readonly urlOf: () => string;
  private readonly published: string[] = [];
  /** Requests that the server answered. */
  done = 0;

  constructor(dir: string, urlOf: () => string) {
    this.files = Object.fromEntries(["sentient.yaml", EXPERIENCE].map((file) => [file, readFileSync(join(dir, file), "utf8")]));
    this.urlOf = urlOf;
  }

  /** Twice in a row, within the same second: a new version, then that or an earlier one again. */
  async deploy(random: Random): Promise<void> {
    const text = `Version ${this.published.length + 1}.`;
    const files = { ...this.files, [EXPERIENCE]: this.files[EXPERIENCE]?.replace(FIRST_TEXT, text) };
    const version = await this.request("/v1/versions", { files, force: true, by: "faults" });
    if (version !== undefined) this.published.push(version);
    const earlier = this.published[Math.floor(random() * this.published.length)];
    if (earlier !== undefined) await this.request(`/v1/versions/${earlier}/restore`, { by: "faults" });
  }

  /** The version that is in force then; undefined while the server does not answer. */
  private async request(path: string, body: object): Promise<string | undefined> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        const response = await fetch(`${this.urlOf()}${path}`, {
          method: "POST",
          headers: { authorization: `Bearer ${OPERATOR_KEY}`, "content-type": "application/json" },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(10_000),
        });
        if (response.ok) {
          this.done++;
          return ((await response.json()) as { policyVersion: string }).policyVersion;
        }
      } catch {
        // Killed: it may have been published.
      }
      await pause(250);
    }
    return undefined;
  }
}

/** Whether each decision was made by the rules of the version that it names. */
export async function underVersions(recorded: Recorded, deploys: Deploys): Promise<Held[]> {
  const unknown = await recorded.texts(
    "select decision_id from decisions join runs r using (run_id) where not exists (select 1 from publications p where p.policy_version = r.policy_version and p.in_force)",
  );
  const versions = await recorded.texts("select policy_version from runs group by 1");
  const others = await recorded.texts(
    `select delivery_id, r.policy_version, d.content->'payload'->>'text' from deliveries d join decisions using (decision_id) join runs r using (run_id)
       join versions v on v.policy_version = r.policy_version
      where strpos(v.files->>'${EXPERIENCE}', d.content->'payload'->>'text') = 0`,
  );
  return [
    {
      promise: "decisions were made under several versions",
      held: versions.length >= 2,
      detail: `${versions.length}, ${deploys.done} deployments`,
    },
    noneOf("no decision names a version that was never in force", unknown, `${versions.length} versions`),
    noneOf("each message is that of the version that its decision names", others, `${versions.length} versions`),
  ];
}

/** A version was put in force then, in milliseconds since the epoch. */
export interface Publication {
  readonly policyVersion: string;
  readonly at: number;
}

/**
 * How long after each publication a running process followed it, in milliseconds, by the lines of its log. A process that was started
 * later, and one that missed a version because another followed at once, do not count.
 */
export function followedAfter(logs: ReadonlyMap<string, readonly string[]>, publications: readonly Publication[]): number[] {
  return [...logs.values()].flatMap((lines) => {
    const said = lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Said);
    const began = Date.parse(said[0]?.time ?? "");
    return said
      .filter(({ message }) => message === FOLLOWED)
      .flatMap(({ time, policyVersion }) => {
        const at = Date.parse(time);
        const published = publications.findLast((one) => one.policyVersion === policyVersion && one.at <= at);
        return published === undefined || published.at < began ? [] : [at - published.at];
      });
  });
}

/** The same as a line of the report: no promise, because a machine under load and a database that restarts may take longer. */
export async function timesToFollow(recorded: Recorded, logs: ReadonlyMap<string, readonly string[]>): Promise<readonly string[]> {
  const publications = await recorded.rows<Publication>(
    `select policy_version as "policyVersion", extract(epoch from at)::float8 * 1000 as at from publications where in_force order by seq`,
  );
  const seconds = followedAfter(logs, publications).map((ms) => ms / 1000);
  const { median, most } = spread(seconds);
  return ["a process follows a version after", `${median.toFixed(1)} s`, `at most ${most.toFixed(1)} s, ${seconds.length} times`];
}

// --- internal ---

/** A line of a process's log. */
interface Said {
  readonly time: string;
  readonly message: string;
  readonly policyVersion?: string;
}

const FOLLOWED = "another version of the workspace is in force";

/** A server that was killed is back within seconds. */
const ATTEMPTS = 40;
