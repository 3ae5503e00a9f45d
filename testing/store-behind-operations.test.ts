import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Service } from "../runtime/service.ts";
import type { createApp } from "../server/app.ts";
import { codeFiles, isTest } from "./test-files.ts";

// server/ and cli/ use operations, look-ups and ingest. The layer check refuses imports of store/; this test refuses a store reached
// through another value, and its type.

const root = join(import.meta.dirname, "..");

/** References to a store: a member, a type, or the tables beneath it. */
const NAMED =
  /\.store\b|\bStore\b|\["store"\]|\bstore\.(commit|setting)\(|\bstore\.(read|inbox|customers|operations|people|dead|links|deliveries|database)\b(?!\()/;

const naming = (files: readonly (readonly [file: string, text: string])[]): string[] =>
  files.flatMap(([file, text]) =>
    text
      .split("\n")
      .flatMap((line, index) => (NAMED.test(line.replace(/\/\/.*|\/?\*.*/, "")) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );

const files = codeFiles(root).filter((file) => /^(server|cli)\//.test(file) && !isTest(file));

test("no file of server/ or cli/ refers to a store", () => {
  expect(files.length).toBeGreaterThan(80);
  expect(naming(files.map((file) => [file, readFileSync(join(root, file), "utf8")]))).toEqual([]);
});

test("a store reached through a service or a runtime, or its type, is found", () => {
  const given = [
    "await service.store.read.run(id)",
    'type Store = Service["store"];',
    "work: (store: Store) => Promise<T>",
    "store.commit([], {})",
  ];
  expect(naming(given.map((line) => ["server/x.ts", line]))).toHaveLength(given.length);
  expect(naming([["cli/x.ts", "withStore(args, io, (store: OpenedStore) => store.operations(policy))"]])).toEqual([]);
});

test("a service has no store", () => {
  // @ts-expect-error The routes get a service, and a service has no store.
  const read = (service: Service) => service.store;
  expect(read({} as Parameters<typeof createApp>[0]["service"])).toBeUndefined();
});
