import { expect, test } from "vitest";
import type { Json, JsonObject } from "../../domain/values/json.ts";
import { withoutNames } from "../../runtime/rehearsals/without-names.ts";
import { aRehearsal } from "../../testing/rehearsal.ts";
import { createIo, type Io } from "../io.ts";
import type { OpenSide } from "./open-sides.ts";
import { rehearsePublication } from "./rehearse-publication.ts";

const FILES = new Map([["sentient.yaml", Buffer.from("version: 1\n")]]);
const OWN = { name: "shop", opened: { workspace: { files: FILES } } } as unknown as OpenSide; // what a server is asked with
const ANN = { by: "ann", note: "spring" };
const REQUEST = {
  with: { version: "f".repeat(64), folder: true },
  against: "a".repeat(64),
  days: 14,
  paths: 5,
  customers: 300,
  seed: "sentient",
};
const LINE = { rehearsalId: "reh_1", by: "ann", at: "2026-06-01T12:00:00Z", request: REQUEST };

/** A server that answers in this order, and what it was asked. */
function answering(...answers: readonly JsonObject[]) {
  const asked: [string, Json?][] = [];
  const left = [...answers];
  const next = <T>(path: string, body?: Json): Promise<T> => {
    asked.push(body === undefined ? [path] : [path, body]);
    return Promise.resolve({ ...LINE, ...left.shift() } as T);
  };
  return { asked, at: { server: { get: next, post: next } } as unknown as Parameters<typeof rehearsePublication>[0] };
}
const io = (isStopped: () => boolean): Io => createIo({ quiet: true, isStopped });

test("a server is sent the files and asked until it is done", async () => {
  const { asked, at } = answering(
    { status: "waiting" },
    { status: "running" },
    { status: "done", result: withoutNames(aRehearsal()) as unknown as JsonObject },
  );
  const rehearsed = await rehearsePublication(
    at,
    OWN,
    ANN,
    io(() => false),
  );
  expect(asked).toEqual([
    [
      "/v1/rehearsals",
      expect.objectContaining({ days: 14, paths: 5, customers: 300, with: { files: { "sentient.yaml": "version: 1\n" } } }),
    ],
    ...[["/v1/rehearsals/reh_1"], ["/v1/rehearsals/reh_1"]],
  ]);
  // There `by` is a field of customers; who asks is known by the key.
  expect(asked[0]?.[1]).toMatchObject({ note: "spring" });
  expect(asked[0]?.[1]).not.toHaveProperty("by");
  expect(rehearsed).toMatchObject({
    names: { against: "version aaaaaaaaaaaa (in force)", with: "shop" },
    result: { simulated: true, forward: { leftOut: [] } },
  });
});

test("an interrupt cancels it there; one that failed says why", async () => {
  const { asked, at } = answering({ status: "running" }, { status: "cancelled" }, { status: "cancelled" });
  expect(
    await rehearsePublication(
      at,
      OWN,
      ANN,
      io(() => true),
    ),
  ).toEqual({ refused: "it was cancelled" });
  expect(asked.map(([path]) => path)).toEqual(["/v1/rehearsals", "/v1/rehearsals/reh_1/cancel", "/v1/rehearsals/reh_1"]);
  const failing = answering({ status: "failed", error: { code: "BAD_INPUT", message: "no signal is recorded" } });
  expect(
    await rehearsePublication(
      failing.at,
      OWN,
      ANN,
      io(() => false),
    ),
  ).toEqual({ refused: "no signal is recorded" });
});
