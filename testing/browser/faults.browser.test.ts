import type { Page } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { type ConsoleUnderTest, describeInBrowser, keyOf } from "./console.ts";
import { garage } from "./garage.ts";

const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name });
const paused = (page: Page) => page.getByText("Paused: channel box");
const isLive = (page: Page) => button(page, "Live: hold");
const REASON = "wrong prices since noon";

/** Asks to pause a channel, with a reason that is typed and not yet sent. */
async function aboutToPause(on: ConsoleUnderTest): Promise<Page> {
  const page = await on.open("/health");
  await isLive(page).waitFor();
  await button(page, "Pause…").click();
  await page.getByRole("dialog").getByLabel("Which").selectOption("box");
  await page.getByRole("dialog").getByLabel(/^Why/).fill(REASON);
  return page;
}

const pauseIt = (page: Page) => button(page, "Pause channel box").click();
const typed = (page: Page): Promise<string> => page.getByRole("dialog").getByLabel(/^Why/).inputValue();

describeInBrowser(
  "a server that is killed",
  (on) => {
    test("is said with since when; what was typed stays, and goes out once the server is back and the pages follow again", async () => {
      const page = await aboutToPause(on());
      const desk = await on().open("/desk", { context: page.context() });
      const box = desk.getByRole("combobox", { name: "Find the customer" });
      await box.pressSequentially("dana whitf");
      on().troubles.allow(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/);
      await on().stop();
      for (const one of [page, desk]) await one.getByText(/Not live since \d/).waitFor();
      await pauseIt(page);
      await page.getByRole("dialog").getByText("The server does not answer").waitFor();
      expect([await typed(page), await box.inputValue()]).toEqual([REASON, "dana whitf"]);
      await on().start();
      for (const one of [page, desk]) await one.getByText(/Not live since/).waitFor({ state: "hidden" });
      expect([await typed(page), await box.inputValue()]).toEqual([REASON, "dana whitf"]);
      await pauseIt(page);
      await page.getByRole("table", { name: "Pauses" }).getByText(REASON).waitFor();
      await paused(desk).waitFor();
      expect(await box.inputValue()).toBe("dana whitf");
    });
  },
  { workspace: garage(), isProcess: true, isLong: true },
);

describeInBrowser(
  "what is typed is not lost",
  (on) => {
    const rows = async (sql: string) => (await on().service.store.database.pool.query(sql)).rows;

    let relent: (() => Promise<void>) | undefined;
    afterEach(() => relent?.());

    /** Lets the store refuse every write as a full disk does, until it is told to stop. */
    async function fill(): Promise<() => Promise<void>> {
      const tables = (await rows("select tablename from pg_tables where schemaname = current_schema()")).map(({ tablename }) => tablename);
      await rows(
        "create or replace function refuse() returns trigger language plpgsql as $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$",
      );
      for (const table of tables)
        await rows(`create trigger refuse before insert or update on "${table}" for each row execute function refuse()`);
      return async () => {
        for (const table of tables) await rows(`drop trigger refuse on "${table}"`);
      };
    }

    test("when the disk of the database is full: pages still show what is there, the dialog says it, and pressing again does it", async () => {
      await on().signal("traits.updated", "c-1", { traits: { firstName: "Dana" } });
      await on().settled();
      const page = await aboutToPause(on());
      const desk = await on().open("/desk?customer=c-1", { context: page.context() });
      await button(desk, "Here in person").waitFor();
      // So long ago that a use of it would be noted again.
      await rows("update console_sessions set seen_at = seen_at - interval '10 minutes'");
      on().troubles.allow(/50[03]/);
      relent = await fill();
      const customer = await on().open("/customers/c-1", { context: page.context() });
      await customer.getByRole("heading", { level: 1, name: "Dana" }).waitFor();
      await pauseIt(page);
      await page.getByRole("dialog").getByText("the disk of the database is full").waitFor();
      await page.getByRole("dialog").getByText("What you have typed stays: press the button again").waitFor();
      await button(desk, "Here in person").click();
      await desk.getByRole("alert").getByText("the disk of the database is full").waitFor();
      expect(await typed(page)).toBe(REASON);
      await relent();
      relent = undefined;
      await pauseIt(page);
      await page.getByRole("table", { name: "Pauses" }).getByText(REASON).waitFor();
      await button(desk, "Here in person").click();
      await desk.getByText("The visit is recorded in the name of ada.").waitFor();
      await on().settled();
      expect(await rows("select count(*)::int as n from signals where type = 'human.touch'")).toEqual([{ n: 1 }]);
      await on().ask("/v1/resume", { target: { scope: "channel", name: "box" } });
    });

    test("when the session was ended elsewhere: it is said over the page, and after signing in the same dialog goes on", async () => {
      const page = await aboutToPause(on());
      on().troubles.allow(/401/);
      const { sessions } = await on().ask<{ sessions: { id: string }[] }>("/v1/sessions");
      for (const { id } of sessions) await on().ask(`/v1/sessions/${id}/end`, {});
      await pauseIt(page);
      const door = page.getByRole("dialog", { name: "Sign in" });
      await door.getByText("You are signed out. What you have typed on this page stays.").waitFor();
      await door.getByLabel("Key").fill(keyOf("admin"));
      await button(page, "Sign in").click();
      await door.waitFor({ state: "detached" });
      expect([await typed(page), new URL(page.url()).pathname]).toEqual([REASON, "/console/health"]);
      await pauseIt(page);
      await page.getByRole("table", { name: "Pauses" }).getByText(REASON).waitFor();
      await on().ask("/v1/resume", { target: { scope: "channel", name: "box" } });
    });
  },
  { workspace: garage() },
);
