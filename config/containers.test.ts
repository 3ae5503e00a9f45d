import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DCLinter } from "dclint";
import { validate } from "dockerfile-utils";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { routes } from "../server/routes/index.ts";
import { readConfig } from "./config.ts";

// There is no container engine where this is developed: what can be wrong without one is looked at here.

const ROOT = join(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** The instructions of a Dockerfile, continued lines joined, comments left out. */
const instructions: readonly Instruction[] = read("Dockerfile")
  .replaceAll(/^\s*#.*\n/gm, "")
  .replaceAll(/\\\n\s*/g, " ")
  .split("\n")
  .filter((line) => line.trim() !== "")
  .map((line) => /^(\S+)\s+(.*)$/.exec(line.trim()))
  .map((match) => ({ name: match?.[1] ?? "", rest: match?.[2] ?? "" }));
const of = (name: string): string[] => instructions.filter((one) => one.name === name).map(({ rest }) => rest);
const lastStage = instructions.slice(instructions.findLastIndex(({ name }) => name === "FROM"));

interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
}
const compose = parse(read("compose.yaml"), { merge: true }) as {
  services: Readonly<Record<string, Service>>;
  volumes: Readonly<Record<string, unknown>>;
};
const services = Object.entries(compose.services);
const pinned = /^[\w./-]+:\d[\w.-]*$/;

/** What a linter for Dockerfiles has against one, with the line. */
const againstDockerfile = (text: string): string[] => validate(text).map(({ message, range }) => `${range.start.line + 1}: ${message}`);

test("a linter for Dockerfiles has nothing against ours", () => {
  expect(againstDockerfile(read("Dockerfile"))).toEqual([]);
});

test.each([
  ["an instruction that there is not", "STOPSIGNAL SIGTERM", "STOPSIGNL SIGTERM", /^17: Unknown instruction: STOPSIGNL/],
  ["a flag that there is not", "--start-period=", "--start-periode=", /^18: Unknown flag: start-periode/],
  ["a port that is none", "EXPOSE 3000", "EXPOSE many", /^16: Invalid containerPort: many/],
  ["a list in single quotes", '["node", "/app/cli/sentient.js"]', "['node', '/app/cli/sentient.js']", /^20: .*single quotes/],
])("that linter would find %s", (_what, ours, wrong, found) => {
  expect(againstDockerfile(read("Dockerfile").replace(ours, wrong))).toEqual([expect.stringMatching(found)]);
});

/** Their order is by what belongs together; the port is meant to be reached from outside. */
const NOT_OURS = ["service-keys-order", "services-alphabetical-order", "top-level-properties-order", "no-unbound-port-interfaces"];

/** What a linter has against a compose file, which it holds against the schema of the Compose specification first. */
function againstCompose(text: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), "sentient-compose-"));
  try {
    const file = join(folder, "compose.yaml");
    writeFileSync(file, text);
    const off = Object.fromEntries(NOT_OURS.map((rule) => [rule, 0 as const]));
    const rules = { ...off, "require-quotes-in-ports": [2 as const, { quoteType: "double" }] as [2, { quoteType: string }] };
    const [linted] = new DCLinter({ rules, quiet: true, debug: false, exclude: [] }).lintFiles([file], false);
    // Its own types of messages are not found by the compiler.
    const messages: readonly { rule: string; message: string }[] | undefined = linted?.messages;
    return messages?.map(({ rule, message }) => `${rule}: ${message}`) ?? ["it was not linted"];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a linter for compose files, with the schema of the specification, has nothing against ours", () => {
  expect(againstCompose(read("compose.yaml"))).toEqual([]);
});

test.each([
  ["a key of a service that there is not", "stop_grace_period:", "stop_grace_periode:", /^invalid-schema: .*\/services\/serve"/],
  ["a key at the top that there is not", "\nvolumes:\n", "\nvolume:\n", /^invalid-schema: /],
  ["a key of a health check that there is not", "retries: 30", "retry: 30", /^invalid-schema: .*\/services\/postgres/],
  ["a condition that there is not", "service_healthy", "service_fine", /^invalid-schema: .*depends_on/],
  ["an image without a version", "redis:7-bookworm", "redis", /^service-image-require-explicit-tag: /],
  ["what is no YAML", "services:", "services: [", /^invalid-yaml: /],
])("that linter would find %s", (_what, ours, wrong, found) => {
  expect(againstCompose(read("compose.yaml").replace(ours, wrong))).toEqual([expect.stringMatching(found)]);
});

test("the Dockerfile begins from images with a version", () => {
  expect(of("FROM").map((from) => pinned.test(from.split(" ")[0] ?? ""))).toEqual([true, true]);
});

test("what is copied is there, or comes from an earlier stage", () => {
  const stages = of("FROM").flatMap((from) => / AS (\S+)/i.exec(from)?.[1] ?? []);
  for (const copy of of("COPY")) {
    const from = /--from=(\S+)/.exec(copy)?.[1];
    if (from !== undefined) expect(stages).toContain(from);
    else for (const source of copy.split(/\s+/).slice(0, -1)) expect([source, existsSync(join(ROOT, source))]).toEqual([source, true]);
  }
});

test("keys, data and what was installed for this machine do not get into the image", () => {
  const ignored = read(".dockerignore").split("\n");
  for (const name of ["node_modules", ".git", ".sentient", ".env"]) expect(ignored.some((line) => line.includes(name))).toBe(true);
});

test("it runs as somebody who is not root, from the last instruction that says so on", () => {
  const users = lastStage.filter(({ name }) => name === "USER").map(({ rest }) => rest);
  expect(users).toEqual(["node"]);
  const afterUser = lastStage.slice(lastStage.findIndex(({ name }) => name === "USER"));
  expect(afterUser.filter(({ name }) => name === "RUN" || name === "COPY")).toEqual([]);
});

test("its health is asked at a route that there is, and that wants no key", () => {
  const [path = ""] = /\/healthz\b/.exec(of("HEALTHCHECK")[0] ?? "") ?? [];
  expect(routes.find((route) => route.path === path)).toMatchObject({ method: "get", access: "open" });
  const [, command = ""] = /CMD (\[.*\])$/.exec(of("HEALTHCHECK")[0] ?? "") ?? [];
  const [program, flag, code] = JSON.parse(command) as string[];
  expect([program, flag]).toEqual(["node", "-e"]);
  execFileSync(process.execPath, ["--check", "-"], { input: code ?? "" });
});

test("commands are lists, so that signals reach the process, and name what there is", () => {
  const entry = JSON.parse(of("ENTRYPOINT")[0] ?? "") as string[];
  expect(existsSync(join(ROOT, (entry[1] ?? "").replace("/app/", "")))).toBe(true);
  const commands = [
    JSON.parse(of("CMD")[0] ?? "") as string[],
    ...services.flatMap(([, { image, command }]) => (image || !command ? [] : [command])),
  ];
  for (const [name] of commands) expect(existsSync(join(ROOT, "cli/commands", `${name}.ts`))).toBe(true);
  expect(of("STOPSIGNAL")).toEqual(["SIGTERM"]);
});

test("variables that are set are ones that are read, and are taken as they are set", () => {
  const set = [
    ...of("ENV").flatMap((line) => line.split(/\s+/).map((pair) => pair.split("=")[0] ?? "")),
    ...services.flatMap(([, { image, environment }]) => (image ? [] : Object.keys(environment ?? {}))),
  ];
  const documented = [read("docs/service.md"), read("docs/channels.md"), read("docs/models.md")].join("\n");
  for (const name of new Set(set)) if (name !== "NODE_ENV") expect([name, documented.includes(name)]).toEqual([name, true]);
  const filled = Object.entries(compose.services.serve?.environment ?? {}).map(([name, value]) => [
    name,
    value.replaceAll(/\$\{(\w+):\?[^}]*\}/g, "$1").replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1"),
  ]);
  expect(readConfig(Object.fromEntries(filled))).toMatchObject({
    writeKeys: [{ key: "SENTIENT_WRITE_KEYS", rights: [] }],
    databaseUrl: expect.stringContaining("@postgres:5432"),
  });
});

test("services wait for those that exist to be healthy, on images with a version and volumes that are declared", () => {
  for (const [name, { image, depends_on: waits = {}, volumes = [], healthcheck }] of services) {
    if (image !== undefined) expect([name, pinned.test(image), healthcheck?.test?.[0]]).toEqual([name, true, "CMD"]);
    for (const [other, { condition }] of Object.entries(waits)) {
      expect(compose.services[other]?.healthcheck?.test).toBeDefined();
      expect(condition).toBe("service_healthy");
    }
    const named = volumes.map((volume) => volume.split(":")[0] ?? "").filter((source) => /^[a-z]+$/.test(source));
    expect(Object.keys(compose.volumes)).toEqual(expect.arrayContaining(named));
  }
});

test("there is no key and no password in either, and Redis keeps what it has", () => {
  for (const text of [read("Dockerfile"), read("compose.yaml")]) expect(text).not.toMatch(/(PASSWORD|KEYS?): +(?!\$\{)/);
  expect(compose.services.redis?.command?.join(" ")).toContain("--maxmemory-policy noeviction");
});
