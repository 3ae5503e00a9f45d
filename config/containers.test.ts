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

// Static checks of the container files, as the development machine has no container engine.

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

/** The findings of a Dockerfile linter, each with its line. */
const againstDockerfile = (text: string): string[] => validate(text).map(({ message, range }) => `${range.start.line + 1}: ${message}`);

test("a Dockerfile linter finds nothing in ours", () => {
  expect(againstDockerfile(read("Dockerfile"))).toEqual([]);
});

test.each([
  ["an unknown instruction", "STOPSIGNAL SIGTERM", "STOPSIGNL SIGTERM", /^25: Unknown instruction: STOPSIGNL/],
  ["an unknown flag", "--start-period=", "--start-periode=", /^26: Unknown flag: start-periode/],
  ["an invalid port", "EXPOSE 3000", "EXPOSE many", /^24: Invalid containerPort: many/],
  ["a list in single quotes", '["node", "/app/cli/sentient.js"]', "['node', '/app/cli/sentient.js']", /^28: .*single quotes/],
])("that linter would find %s", (_what, ours, wrong, found) => {
  expect(againstDockerfile(read("Dockerfile").replace(ours, wrong))).toEqual([expect.stringMatching(found)]);
});

/** Disabled rules: our order is by topic, and the port is meant to be reachable from outside. */
const NOT_OURS = ["service-keys-order", "services-alphabetical-order", "top-level-properties-order", "no-unbound-port-interfaces"];

/** The findings of a compose linter, which validates against the schema of the Compose specification first. */
function againstCompose(text: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), "sentient-compose-"));
  try {
    const file = join(folder, "compose.yaml");
    writeFileSync(file, text);
    const off = Object.fromEntries(NOT_OURS.map((rule) => [rule, 0 as const]));
    const rules = { ...off, "require-quotes-in-ports": [2 as const, { quoteType: "double" }] as [2, { quoteType: string }] };
    const [linted] = new DCLinter({ rules, quiet: true, debug: false, exclude: [] }).lintFiles([file], false);
    // The compiler does not find the linter's own message types.
    const messages: readonly { rule: string; message: string }[] | undefined = linted?.messages;
    return messages?.map(({ rule, message }) => `${rule}: ${message}`) ?? ["it was not linted"];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a compose linter, with the schema of the specification, finds nothing in ours", () => {
  expect(againstCompose(read("compose.yaml"))).toEqual([]);
});

test.each([
  ["an unknown key of a service", "stop_grace_period:", "stop_grace_periode:", /^invalid-schema: .*\/services\/serve"/],
  ["an unknown top-level key", "\nvolumes:\n", "\nvolume:\n", /^invalid-schema: /],
  ["an unknown key of a health check", "retries: 30", "retry: 30", /^invalid-schema: .*\/services\/postgres/],
  ["an unknown condition", "service_healthy", "service_fine", /^invalid-schema: .*depends_on/],
  ["an image without a version", "redis:7-bookworm", "redis", /^service-image-require-explicit-tag: /],
  ["invalid YAML", "services:", "services: [", /^invalid-yaml: /],
])("that linter would find %s", (_what, ours, wrong, found) => {
  expect(againstCompose(read("compose.yaml").replace(ours, wrong))).toEqual([expect.stringMatching(found)]);
});

test("the base images of the Dockerfile have a version", () => {
  expect(of("FROM").map((from) => pinned.test(from.split(" ")[0] ?? ""))).toEqual([true, true, true]);
});

test("copied files exist, or come from an earlier stage", () => {
  const stages = of("FROM").flatMap((from) => / AS (\S+)/i.exec(from)?.[1] ?? []);
  for (const copy of of("COPY")) {
    const from = /--from=(\S+)/.exec(copy)?.[1];
    if (from !== undefined) expect(stages).toContain(from);
    else for (const source of copy.split(/\s+/).slice(0, -1)) expect([source, existsSync(join(ROOT, source))]).toEqual([source, true]);
  }
});

test("keys, data and local installations are not in the image", () => {
  const ignored = read(".dockerignore").split("\n");
  for (const name of ["node_modules", ".git", ".sentient", ".env"]) expect(ignored.some((line) => line.includes(name))).toBe(true);
});

test("it runs as a non-root user, set after the last RUN and COPY", () => {
  const users = lastStage.filter(({ name }) => name === "USER").map(({ rest }) => rest);
  expect(users).toEqual(["node"]);
  const afterUser = lastStage.slice(lastStage.findIndex(({ name }) => name === "USER"));
  expect(afterUser.filter(({ name }) => name === "RUN" || name === "COPY")).toEqual([]);
});

test("the health check uses an existing route that needs no key", () => {
  const [path = ""] = /\/healthz\b/.exec(of("HEALTHCHECK")[0] ?? "") ?? [];
  expect(routes.find((route) => route.path === path)).toMatchObject({ method: "get", access: "open" });
  const [, command = ""] = /CMD (\[.*\])$/.exec(of("HEALTHCHECK")[0] ?? "") ?? [];
  const [program, flag, code] = JSON.parse(command) as string[];
  expect([program, flag]).toEqual(["node", "-e"]);
  execFileSync(process.execPath, ["--check", "-"], { input: code ?? "" });
});

test("commands are lists, so signals reach the process, and name existing files", () => {
  const entry = JSON.parse(of("ENTRYPOINT")[0] ?? "") as string[];
  expect(existsSync(join(ROOT, (entry[1] ?? "").replace("/app/", "")))).toBe(true);
  const commands = [
    JSON.parse(of("CMD")[0] ?? "") as string[],
    ...services.flatMap(([, { image, command }]) => (image || !command ? [] : [command])),
  ];
  for (const [name] of commands) expect(existsSync(join(ROOT, "cli/commands", `${name}.ts`))).toBe(true);
  expect(of("STOPSIGNAL")).toEqual(["SIGTERM"]);
});

test("variables that are set are documented, and valid as set", () => {
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

test("services depend on healthy ones, on images with a version and declared volumes", () => {
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

test("neither contains a key or a password, and Redis evicts nothing", () => {
  for (const text of [read("Dockerfile"), read("compose.yaml")]) expect(text).not.toMatch(/(PASSWORD|KEYS?): +(?!\$\{)/);
  expect(compose.services.redis?.command?.join(" ")).toContain("--maxmemory-policy noeviction");
});
