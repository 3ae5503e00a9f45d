import { randomUUID } from "node:crypto";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import type { Role } from "../../domain/identity/roles.ts";
import type { Json } from "../../domain/values/json.ts";
import type { ServiceOnStore } from "../../runtime/service.ts";
import { OPERATOR_KEY, until, WRITE_KEY } from "../service.ts";
import { keyOf, type Serving, serveHere, serveInProcess } from "./served.ts";
import { type Troubles, watchTroubles } from "./troubles.ts";

/** How a page is looked at. */
export interface Look {
  readonly size: "desktop" | "phone";
  readonly theme: "light" | "dark";
}

const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;

export interface PageOptions extends Partial<Look> {
  /** The person who is signed in; default: the admin. */
  readonly role?: Role;
  /** Default: a browser of its own for each call, with its own session. */
  readonly context?: BrowserContext;
}

/** A running server with the console, and browsers that look at it. */
export interface ConsoleUnderTest {
  readonly url: string;
  readonly service: ServiceOnStore;
  readonly troubles: Troubles;
  /** Opens a path of the console, such as `/tasks`, signed in. */
  open(path: string, options?: PageOptions): Promise<Page>;
  /** A browser of its own, not signed in. */
  context(options?: Partial<Look>): Promise<BrowserContext>;
  signIn(context: BrowserContext, role?: Role): Promise<void>;
  /** A link that signs in once, as `dev` prints it. */
  link(): string;
  /** Sends signals of a customer by the API. */
  signal(type: string, customerId: string, data?: Json): Promise<void>;
  /** Calls the operator API. */
  ask<Answer>(path: string, body?: Json): Promise<Answer>;
  /** Waits until nothing is pending. */
  settled(): Promise<void>;
  /** Stops the server, one in its own process by a kill; and starts it again on the same port and store. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface ConsoleOptions {
  /** The folder of the workspace; default: the dealership. */
  readonly workspace?: string;
  /** A data folder to begin with, which is copied. */
  readonly recording?: string;
  /** Serves in a process of its own, by `sentient serve`, which can be killed. Its store is then out of reach. */
  readonly isProcess?: boolean;
}

export interface OpenConsole extends ConsoleUnderTest {
  /** Closes the browsers that were opened. */
  closePages(): Promise<void>;
  close(): Promise<void>;
}

const DEALERSHIP = join(import.meta.dirname, "..", "..", "examples", "dealership");

/** Opens a server with the console, and a browser. */
export async function openConsole(
  executablePath: string,
  { workspace = DEALERSHIP, recording, isProcess }: ConsoleOptions,
): Promise<OpenConsole> {
  const dataDir = mkdtempSync(join(tmpdir(), "sentient-console-"));
  if (recording !== undefined) cpSync(recording, dataDir, { recursive: true });
  const serving = await (isProcess ? serveInProcess : serveHere)(workspace, dataDir);
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
  const visits = visiting(browser, serving);
  return {
    ...visits,
    ...asking(serving),
    get url() {
      return serving.url();
    },
    get service() {
      return serving.service();
    },
    stop: serving.stop,
    link: serving.link,
    start: serving.start,
    async close() {
      await browser.close();
      await serving.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

// --- internal ---

function visiting(browser: Browser, serving: Serving) {
  const troubles: string[] = [];
  const allowed: RegExp[] = [];
  const contexts: BrowserContext[] = [];
  const context = async ({ size = "desktop", theme = "light" }: Partial<Look> = {}): Promise<BrowserContext> => {
    const made = await browser.newContext({
      ...{ viewport: SIZES[size], colorScheme: theme, locale: "en-US", timezoneId: "Europe/Berlin", reducedMotion: "reduce" },
      ...(size === "phone" ? { hasTouch: true, isMobile: true } : {}),
    });
    contexts.push(made);
    made.setDefaultTimeout(20_000);
    await watchTroubles(made, { origin: serving.url, seen: troubles, allowed });
    return made;
  };
  const signIn = async (where: BrowserContext, role: Role = "admin"): Promise<void> => {
    const origin = serving.url();
    const headers = { origin, "sec-fetch-site": "same-origin" };
    const response = await where.request.post(`${origin}/v1/session`, { headers, data: { key: keyOf(role) } });
    if (!response.ok()) throw new Error(`signing in was answered with ${response.status()}: ${await response.text()}`);
  };
  return {
    ...{ context, signIn, troubles: { seen: troubles, allow: (pattern: RegExp) => void allowed.push(pattern) } },
    async open(path: string, { role, context: given, ...look }: PageOptions = {}): Promise<Page> {
      const where = given ?? (await context(look));
      if (!given) await signIn(where, role);
      const page = await where.newPage();
      await page.goto(`${serving.url()}/console${path}`);
      await page.locator("h1").waitFor();
      return page;
    },
    async closePages() {
      for (const one of contexts.splice(0)) await one.close();
      allowed.length = 0;
    },
  };
}

function asking(serving: Serving) {
  const request = async (path: string, key: string, body?: Json): Promise<Response> => {
    const response = await fetch(`${serving.url()}${path}`, {
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response;
  };
  return {
    async signal(type: string, customerId: string, data: Json = {}) {
      const event = { specversion: "1.0", id: randomUUID(), source: "web", type, subject: customerId, data };
      await request("/v1/signals", WRITE_KEY, event);
    },
    ask: async <Answer>(path: string, body?: Json) => (await (await request(path, OPERATOR_KEY, body)).json()) as Answer,
    settled: () =>
      until(async () => {
        const { rows } = await serving.service().store.database.pool.query<{ n: number }>(
          `select (select count(*) from inbox where dead_at is null) + (select count(*) from deliveries where status in ('reserved', 'sending') and asked is null)
                  + (select count(*) from lanes where until > clock_timestamp()) as n`,
        );
        return Number(rows[0]?.n) === 0;
      }, "an empty inbox and no open delivery"),
  };
}
