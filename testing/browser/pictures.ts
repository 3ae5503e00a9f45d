import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { findChromium, NO_BROWSER } from "./chromium.ts";
import { type ConsoleUnderTest, type Look, openConsole } from "./open-console.ts";
import { buildConsole, record, STORY_ENDS } from "./recording.ts";
import { openSite } from "./site.ts";
import { liven } from "./story-goes-on.ts";

// `npm run console:pictures [-- NAMES...]`: a screenshot of each page of the console, from the recorded story, into docs/console/, and of the boutique's page (`site`). To be looked
// at before they are committed.

const out = join(import.meta.dirname, "..", "..", "docs", "console");

interface Picture {
  readonly name: string;
  /** The path below `/console`. */
  readonly path: string;
  readonly look: Look;
}

const DESKTOP: Look = { size: "desktop", theme: "light" };
const PHONE: Look = { size: "phone", theme: "dark" };

/** The pages, with ids from the store. */
async function picturesOf({ ask }: ConsoleUnderTest): Promise<Picture[]> {
  const { tasks } = await ask<{ tasks: { taskId: string }[] }>("/v1/tasks");
  const { approvals } = await ask<{ approvals: { approvalId: string }[] }>("/v1/approvals");
  const { decisions } = await ask<{ decisions: { decisionId: string; action: string; runId: string }[] }>(
    "/v1/decisions?customer=c-dana&limit=100",
  );
  const { proposals } = await ask<{ proposals: { proposalId: string }[] }>("/v1/proposals");
  const { versions } = await ask<{ versions: { policyVersion: string }[] }>("/v1/versions");
  const latest = decisions.findLast(({ action }) => action === "deliver");
  const tabs = ["record", "contacts", "conversation", "decisions", "privacy"];
  const pages: Readonly<Record<string, string | undefined>> = {
    ...{ overview: "/", desk: "/desk", tasks: "/tasks", approvals: "/approvals", promises: "/promises", customers: "/customers" },
    task: tasks[0] && `/tasks/${tasks[0].taskId}`,
    approval: approvals[0] && `/approvals/${approvals[0].approvalId}`,
    story: "/customers/c-dana",
    ...Object.fromEntries(tabs.map((tab) => [`customer-${tab}`, `/customers/c-dana?tab=${tab}`])),
    decisions: "/decisions",
    decision: latest && `/decisions/${latest.decisionId}`,
    sheet: latest && `/decisions/${latest.decisionId}/sheet`,
    why: "/why?customer=c-dana&experience=upgrade-discount",
    ...{
      proposals: "/proposals",
      proposal: `/proposals/${proposals[0]?.proposalId}`,
      canaries: "/canaries",
      canary: "/canaries/model-news",
      versions: "/versions",
      version: `/versions/${versions.at(-1)?.policyVersion}`,
    },
    ...{ runs: "/runs", health: "/health", audit: "/audit", settings: "/settings" },
    run: latest && `/runs/${latest.runId}`,
  };
  const onDesktop = Object.entries(pages).flatMap(([name, path]) => (path === undefined ? [] : [{ name, path, look: DESKTOP }]));
  const onPhone = onDesktop
    .filter(({ name }) => ["overview", "desk", "task", "approval", "story", "health"].includes(name))
    .map(({ name, path }) => ({ name: `${name}-phone`, path, look: PHONE }));
  return [...onDesktop, ...onPhone];
}

async function settled(page: Page): Promise<void> {
  await page.locator("[aria-label=Loading]").first().waitFor({ state: "detached" });
  await page.waitForLoadState("load");
  // Nothing moves: the fonts are there and no request of the page is open but the stream.
  await page.evaluate("document.fonts.ready.then(() => undefined)");
}

/** The boutique's page with what it was given, into docs/asking/. */
async function pictureSite(executable: string): Promise<void> {
  const site = await openSite();
  const browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox"] });
  const page = await browser.newPage({ viewport: { width: 1000, height: 620 } });
  await page.goto(site.pageUrl);
  await page.locator("html[data-asked]").waitFor();
  const folder = join(out, "..", "asking");
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, "boutique.jpg"), type: "jpeg", quality: 70 });
  process.stdout.write("asking/boutique.jpg\n");
  await browser.close();
  await site.close();
}

async function run(executable: string): Promise<void> {
  const wanted = process.argv.slice(2);
  if (wanted.length === 0 || wanted.includes("site")) await pictureSite(executable);
  if (wanted.length === 1 && wanted[0] === "site") return;
  const folder = mkdtempSync(join(tmpdir(), "sentient-pictures-"));
  buildConsole();
  record(join(folder, "data"));
  const on = await openConsole(executable, { recording: join(folder, "data") });
  mkdirSync(out, { recursive: true });
  try {
    await liven(on);
    const pictures = (await picturesOf(on)).filter(({ name }) => wanted.length === 0 || wanted.includes(name));
    for (const look of [DESKTOP, PHONE]) {
      // One session for all of a look: each signing in would be a row of the audit and of the settings.
      const context = await on.context(look);
      await context.clock.setFixedTime(Date.parse(STORY_ENDS) + 60_000);
      await on.signIn(context);
      for (const { name, path } of pictures.filter((picture) => picture.look === look)) {
        const page = await on.open(path, { context });
        await settled(page);
        await page.screenshot({ path: join(out, `${name}.png`), animations: "disabled" });
        process.stdout.write(`${name}.png  ${path}\n`);
        await page.close();
      }
    }
  } finally {
    await on.close();
    rmSync(folder, { recursive: true, force: true });
  }
  for (const trouble of on.troubles.seen) process.stdout.write(`trouble: ${trouble}\n`);
}

const executable = findChromium(process.env);
if (executable === undefined) {
  process.stderr.write(`no pictures: ${NO_BROWSER}\n`);
  process.exitCode = 1;
} else await run(executable);
