import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { ConsoleUnderTest } from "./open-console.ts";

/** The paths of all pages, such as `/customers/$id`, as the console declares them. */
export const PAGE_PATHS: readonly string[] = [
  ...readFileSync(join(import.meta.dirname, "..", "..", "console", "routes.tsx"), "utf8").matchAll(/\bpage\(\s*"([^"]+)"/g),
].map(([, path = ""]) => path);

/** The tabs of a customer's page beside the first one. */
export const TABS = ["record", "contacts", "conversation", "decisions", "privacy"] as const;

/** Ids in the store by the noun of a path. */
export type Ids = Readonly<Record<string, readonly string[]>>;

/** The ids of what the console has a page for; `customers` are those given. */
export async function idsIn({ ask }: Pick<ConsoleUnderTest, "ask">, customers: readonly string[]): Promise<Ids> {
  const { decisions } = await ask<{
    decisions: readonly { decisionId: string; runId: string; deliveries: readonly { deliveryId: string }[] }[];
  }>("/v1/decisions?limit=1000");
  const { tasks } = await ask<{ tasks: readonly { taskId: string }[] }>("/v1/tasks?limit=1000");
  const { approvals } = await ask<{ approvals: readonly { approvalId: string }[] }>("/v1/approvals?limit=1000");
  const { canaries } = await ask<{ canaries: readonly { experienceId: string }[] }>("/v1/canaries");
  const { proposals } = await ask<{ proposals: readonly { proposalId: string }[] }>("/v1/proposals");
  const { versions } = await ask<{ versions: readonly { policyVersion: string }[] }>("/v1/versions");
  const { rehearsals } = await ask<{ rehearsals: readonly { rehearsalId: string }[] }>("/v1/rehearsals");
  return {
    customers,
    decisions: decisions.map(({ decisionId }) => decisionId),
    runs: decisions.map(({ runId }) => runId),
    deliveries: decisions.flatMap((one) => one.deliveries.map(({ deliveryId }) => deliveryId)),
    tasks: tasks.map(({ taskId }) => taskId),
    approvals: approvals.map(({ approvalId }) => approvalId),
    proposals: proposals.map(({ proposalId }) => proposalId),
    versions: versions.map(({ policyVersion }) => policyVersion),
    rehearsals: rehearsals.map(({ rehearsalId }) => rehearsalId),
    canaries: canaries.map(({ experienceId }) => experienceId),
  };
}

/** The address of a page with this id. */
export const addressOf = (path: string, id: string): string => path.replace(/\$\w+/g, encodeURIComponent(id));

/** The addresses of all pages below `/console`: of what has an id the latest one, of a customer each tab. Fails where the store has none. */
export function everyAddress(ids: Ids): string[] {
  return PAGE_PATHS.flatMap((path) => {
    if (!path.includes("$")) return [path];
    const id = ids[path.split("/")[1] ?? ""]?.at(-1);
    if (id === undefined) throw new Error(`nothing in the store has the page ${path}`);
    const address = addressOf(path, id);
    return path === "/customers/$id" ? [address, ...TABS.map((tab) => `${address}?tab=${tab}`)] : [address];
  });
}

/** Waits until every panel shows what it has, or why not. */
export const settled = (page: Page): Promise<void> =>
  expect.poll(() => page.locator("[aria-label=Loading], [aria-busy=true]").count()).toBe(0);
