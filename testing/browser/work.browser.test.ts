import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { axe } from "./axe.ts";
import { describeInBrowser, IS_SHORT, LOOKS, type Look, testOnEachLook } from "./console.ts";
import { garage } from "./garage.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name });
const dialog = (page: Page) => page.getByRole("dialog");

describeInBrowser(
  "people at work",
  (on) => {
    let made = 0;
    /** A customer of their own for each test. */
    const customer = async (): Promise<string> => {
      const id = `c-${++made}`;
      await on().signal("traits.updated", id, { traits: { firstName: `Dana ${made}` } });
      return id;
    };
    const ask = async (id: string): Promise<string> => {
      await on().signal("message.received", id, { channel: "box", text: "The brakes squeal." });
      await on().settled();
      const { tasks } = await on().ask<{ tasks: readonly { taskId: string }[] }>(`/v1/tasks?customer=${id}`);
      return tasks[0]?.taskId ?? "";
    };

    testOnEachLook(
      "job 2: work a task knowing the whole story: facts, her words, contacts of all departments; claim, done, contacted",
      async (look) => {
        const id = await customer();
        await on().signal("arrived", id);
        await on().settled();
        const taskId = await ask(id);
        const page = await on().open("/tasks", { ...look, role: "operator" });
        await page.getByRole("link", { name: `Answer Dana ${made}` }).click();
        await page.getByRole("heading", { level: 1, name: `Answer Dana ${made}` }).waitFor();
        await page.getByRole("table", { name: "Facts" }).getByText(`Dana ${made}`).waitFor();
        await page.getByText("The brakes squeal.").first().waitFor();
        await page.getByRole("table", { name: "Last contacts" }).getByText("box").waitFor();
        await page.getByText("owed", { exact: true }).waitFor();
        expect(await axe(page)).toEqual([]);
        await button(page, /^Claim/).click();
        await page.getByText("ann has it").waitFor();
        await button(page, /^Done/).click();
        expect(await axe(page)).toEqual([]);
        await dialog(page).getByLabel("by a call").check();
        await dialog(page).getByLabel(/^Note/).fill("She comes on Friday");
        await button(page, "It is done").click();
        await page.getByText("The customer was contacted.").waitFor();
        await page.getByText("She comes on Friday").waitFor();
        await page.getByText(/No decision has followed|nothing was to be decided|It was decided to/).waitFor();
        expect(await on().ask(`/v1/tasks/${taskId}`)).toMatchObject({ state: "done", contacted: true, claimedBy: "ann", endedBy: "ann" });
      },
    );

    test("job 2 with the keyboard alone: c claims, d asks and ends; neither fires in a field", async () => {
      const taskId = await ask(await customer());
      const page = await on().open(`/tasks/${taskId}`, { role: "operator" });
      await button(page, /^Claim/).waitFor();
      await page.keyboard.press("c");
      await page.getByText("ann has it").waitFor();
      await page.keyboard.press("d");
      await dialog(page).getByLabel(/^Note/).focus();
      await page.keyboard.type("dcd");
      expect(await dialog(page).getByLabel(/^Note/).inputValue()).toBe("dcd");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.getByText("“dcd”").waitFor();
    });

    test("two agents claim one task: one gets it, the other sees who, and may take it over", async () => {
      const taskId = await ask(await customer());
      const ann = await on().open(`/tasks/${taskId}`, { role: "operator" });
      const ada = await on().open(`/tasks/${taskId}`, { role: "admin" });
      await button(ada, /^Claim/).waitFor();
      on().troubles.allow(/ERR_INTERNET_DISCONNECTED|409/);
      // The second page does not hear of the first claim before its own.
      await ada.context().setOffline(true);
      await button(ann, /^Claim/).click();
      await ann.getByText("ann has it").waitFor();
      await ada.context().setOffline(false);
      const claim = button(ada, /^Claim/);
      if (await claim.isVisible()) await claim.click({ timeout: 2_000 }).catch(() => {});
      await ada
        .getByText(/ann (was faster|has it)/)
        .first()
        .waitFor();
      await button(ada, /^Take over/)
        .first()
        .click();
      await dialog(ada).getByRole("button", { name: "Take over" }).click();
      await ada.getByText("ada has it").waitFor();
      await ann.getByText("ada has it").waitFor();
    });

    test("a task is returned to its queue with a note, by its holder alone, on its page and at the desk", async () => {
      const id = await customer();
      const taskId = await ask(id);
      const ann = await on().open(`/tasks/${taskId}`, { role: "operator" });
      const ada = await on().open(`/tasks/${taskId}`, { role: "admin" });
      await button(ann, /^Claim/).click();
      await ada.getByText("ann has it").waitFor();
      expect(await button(ada, /^Return to queue/).count()).toBe(0);
      await button(ann, /^Return to queue/).click();
      await dialog(ann).getByLabel(/^Note/).fill("Nobody answers before six");
      expect(await axe(ann)).toEqual([]);
      await button(ann, "Return it").click();
      await ada.getByText("“Nobody answers before six”").waitFor();
      await button(ada, /^Claim/).click();
      await ada.getByText("ada has it").waitFor();
      await ada.goto(ada.url().replace(/\/tasks\/.*$/, `/desk?customer=${id}`));
      await ada.getByText(/· with ada/).waitFor();
      await button(ada, /^Return to queue/).click();
      await button(ada, "Return it").click();
      await button(ada, /^Return to queue/).waitFor({ state: "detached" });
      expect(await on().ask(`/v1/tasks/${taskId}`)).toMatchObject({ state: "open", note: "Nobody answers before six" });
    });

    testOnEachLook("job 6: promises that are late or about to be: owner, what is quiet meanwhile, kept by hand", async (look: Look) => {
      const id = await customer();
      await on().signal("call.wanted", id);
      await ask(id);
      const page = await on().open(`/promises?customer=${id}`, { ...look, role: "operator" });
      await page.getByText(/2 promises are owed/).waitFor();
      const callback = page.getByRole("row").filter({ hasText: "callback" });
      await page.getByRole("row").filter({ hasText: "reply" }).getByText("sales").waitFor();
      await callback.getByRole("button", { name: "Kept…" }).click();
      await button(page, "It has been kept").click();
      await page.getByText(/1 promise is owed/).waitFor();
      await page.getByText(new RegExp(`Kept: callback for ${id}`)).waitFor();
      const { promises } = await on().ask<{ promises: readonly object[] }>(`/v1/promises?customer=${id}&all=true`);
      expect(promises).toContainEqual(expect.objectContaining({ name: "callback", state: "kept", endedBy: "ann" }));
    });

    testOnEachLook(
      "job 7: say yes knowing what it means; the page waits for the decision that follows and shows it",
      async (look: Look) => {
        const id = await customer();
        await on().signal("fleet.wanted", id);
        await on().settled();
        const page = await on().open("/approvals", { ...look, role: "approver" });
        await page.getByRole("row").filter({ hasText: id }).getByRole("link").click();
        await page.getByText(`Dear Dana ${made}, here is our offer.`).waitFor();
        await page.getByRole("table", { name: "Facts" }).getByText(`Dana ${made}`).waitFor();
        await page.getByText("more than 5000 at stake").first().waitFor();
        await page.getByText("9,000.00").waitFor();
        await page.getByText(/No answer/).waitFor();
        await page.getByRole("table", { name: "Experiences that competed" }).getByText("it won").waitFor();
        expect(await axe(page)).toEqual([]);
        await page.getByRole("heading", { level: 1 }).focus();
        await page.keyboard.press("a");
        await dialog(page).getByLabel(/^Note/).fill("agreed with the owner");
        await dialog(page).getByRole("button", { name: "Approve" }).click();
        await page.getByRole("link", { name: "It was decided to send" }).waitFor();
        await page.getByText("agreed with the owner").waitFor();
        expect(await on().ask(`/v1/audit?customer=${id}`)).toMatchObject({
          audit: [{ by: "paul", action: "approval.approved", details: { note: "agreed with the owner" } }],
        });
      },
    );

    test("job 7, no: a reason is asked, and what follows is shown; whoever may not answer has no buttons", async () => {
      const id = await customer();
      await on().signal("fleet.wanted", id);
      await on().settled();
      const { approvals } = await on().ask<{ approvals: readonly { approvalId: string }[] }>(`/v1/approvals?customer=${id}`);
      const path = `/approvals/${approvals[0]?.approvalId}`;
      const ann = await on().open(path, { role: "operator" });
      await ann.getByText("Why it is asked").waitFor();
      expect(await button(ann, /Approve|Reject/).count()).toBe(0);
      const vera = await on().open(path, { role: "viewer" });
      await vera.getByText("Your role does not show texts and addresses").waitFor();
      expect(await vera.locator("iframe").count()).toBe(0);
      const taskId = await ask(await customer());
      const task = await on().open(`/tasks/${taskId}`, { role: "viewer" });
      await task.getByText("Your role does not show what customers and departments have written").waitFor();
      await task.getByText("Your role does not show the facts of tasks").waitFor();
      const paul = await on().open(path, { role: "approver" });
      await button(paul, /^Reject/).click();
      const why = dialog(paul).getByLabel(/^Why not/);
      for (const blank of ["", "   "]) {
        await why.fill(blank);
        await dialog(paul).getByRole("button", { name: "Reject" }).click();
        await dialog(paul).getByText("A few words are needed here").waitFor();
      }
      await why.fill("x".repeat(3_000));
      await dialog(paul).getByText("it holds 2,000 characters").waitFor();
      await why.fill("too expensive");
      await dialog(paul).getByRole("button", { name: "Reject" }).click();
      await paul.getByRole("link", { name: "It was decided to stay silent" }).waitFor();
      await paul.getByText("too expensive").waitFor();
      await paul.getByText("No text is written for what was rejected").waitFor();
    });

    testOnEachLook("job 11: what a run did: steps in time, questions, calls, its id in traces", async (look: Look) => {
      const id = await customer();
      await ask(id);
      const page = await on().open(`/runs?customer=${id}`, { ...look, role: "operator" });
      await page.getByRole("link", { name: /message.received/ }).click();
      await page.getByRole("img", { name: /steps? in .*no question to a language model/ }).waitFor();
      await page.getByText("As table").click();
      await page.getByRole("table", { name: "Steps" }).getByText("eligibility-judge").waitFor();
      await page.getByText(/sentient\.run\.id = r_/).waitFor();
      expect(await axe(page)).toEqual([]);
      await on().service.store.database.pool.query(`update runs set wake = wake || '{"traceId": "${TRACE}"}' where customer_id = '${id}'`);
      await page.reload();
      await page.getByText(TRACE, { exact: true }).waitFor();
      expect(await page.getByText(/sentient\.run\.id/).count()).toBe(0);
    });

    testOnEachLook("job 12: healthy or not, and channel box stopped now: the pause is on every page of everybody", async (look: Look) => {
      const id = await customer();
      const [page, other] = [await on().open("/health", { ...look, role: "operator" }), await on().open("/", { ...look, role: "viewer" })];
      await page.getByText("Nothing is paused.").waitFor();
      await button(page, "Pause…").click();
      expect(await axe(page)).toEqual([]);
      await dialog(page).getByLabel("Which").selectOption("box");
      await dialog(page).getByLabel(/^Why/).fill("wrong prices");
      await button(page, "Pause channel box").click();
      await page.getByRole("table", { name: "Pauses" }).getByText("wrong prices").waitFor();
      await other.getByText("Paused: channel box").waitFor();
      await on().signal("arrived", id);
      await on().settled();
      const { decisions } = await on().ask<{ decisions: readonly { action: string }[] }>(`/v1/decisions?customer=${id}`);
      expect(decisions.at(-1)?.action).not.toBe("deliver");
      await button(page, "Resume…").click();
      await dialog(page).getByRole("button", { name: "Resume" }).click();
      await page.getByText(/channel box goes on; 1 customer is decided again/).waitFor();
      await other.getByText("Paused: channel box").waitFor({ state: "hidden" });
    });

    test("dead letters are revived and discarded, each after a question; the audit says who", async () => {
      const id = await customer();
      await on().settled();
      const dead = (n: number) =>
        on().service.store.database.pool.query(
          `insert into failed_timers (customer_id, key, name, due, attempts, error, dead_at) values ($1, $2, 'clock.daily', now(), 5, '{"name": "TypeError", "message": "boom"}', now())`,
          [id, `k-${n}`],
        );
      await dead(1);
      await dead(2);
      const page = await on().open("/health", { role: "operator" });
      await page
        .getByText(/2 dead letters/)
        .first()
        .waitFor();
      await button(page, "Discard…").first().click();
      await button(page, "Discard for good").click();
      await page.getByText("1 letter was discarded.").waitFor();
      await expect.poll(() => button(page, "Revive…").count()).toBe(1);
      await button(page, "Revive…").first().click();
      await dialog(page).getByRole("button", { name: "Revive" }).click();
      await page.getByText("No signal and no timer was given up.").waitFor();
      const audit = await on().open(`/audit?customer=${id}`, { role: "operator" });
      await audit.getByText("revived a dead letter").waitFor();
      await audit.getByText("discarded a dead letter").waitFor();
    });

    test("lists go on below their last row: audit, runs, tasks, and calls that went wrong", async () => {
      const id = await customer();
      await on().settled();
      const many = (insert: string) => on().service.store.database.pool.query(`${insert} from generate_series(1, 150) n`);
      const at = "'2026-06-01T12:00:00Z'::timestamptz + n * interval '1 second'";
      await many(
        `insert into audit (at, actor, action, target, customer_id, details) select now(), 'kim', 'paused', 'box-' || n, '${id}', '{}'`,
      );
      await many(`insert into runs (run_id, customer_id, wake, started_at, status, policy_version, steps)
                  select 'r-${id}-' || n, '${id}', '{"kind": "timer", "name": "daily"}', ${at}, 'done', 'v', '[]'`);
      await many(`insert into tasks (task_id, customer_id, queue, summary, facts, created_at, due, state)
                  select 't-${id}-' || n, '${id}', 'service', 'Call ' || n, '{}', now(), now() + n * interval '1 hour', 'open'`);
      await many(`insert into tool_calls (call_key, tool, customer_id, input, status, created_at)
                  select 'k-${id}-' || n, 'open_case', '${id}', '{}', 'failed', (select max(started_at) from runs where run_id like 'r\\_%') - n * interval '1 minute'`);
      for (const [path, label, rows] of [
        [`/audit?customer=${id}`, "Audit", 150],
        // One more than was written here: that of their first signal.
        [`/runs?customer=${id}`, "Runs", 151],
        [`/tasks?customer=${id}&mine=unclaimed`, "Tasks", 150],
        ["/health", "Calls of tools", 150],
      ] as const) {
        const page = await on().open(path, { role: "operator" });
        const table = page.getByRole("table", { name: label });
        await table.waitFor();
        await button(page, "Show more").click();
        // -1 until its end is read.
        await page.locator(`table[aria-rowcount="${rows + 1}"]`).waitFor();
        expect([path, await button(page, "Show more").count()]).toEqual([path, 0]);
        await page.close();
      }
    });

    test("the overview says in sentences what waits, and leads there", async () => {
      await ask(await customer());
      const page = await on().open("/", { role: "operator" });
      await page
        .getByRole("region", { name: "What waits for people?" })
        .getByRole("link", { name: /tasks?$/ })
        .click();
      await page.getByRole("heading", { level: 1, name: "Tasks" }).waitFor();
    });
  },
  { workspace: garage() },
);

describeInBrowser(
  "an empty store",
  (on) => {
    testOnEachLook("says on every page that there is nothing, and what to do", async (look) => {
      const context = await on().context(look);
      await on().signIn(context);
      const each = async (empty: readonly (readonly [path: string, words: string])[]): Promise<void> => {
        for (const [path, words] of empty) {
          const page = await on().open(path, { context });
          await page.getByText(words).first().waitFor();
          expect([path, await axe(page)]).toEqual([path, []]);
          await page.close();
        }
      };
      await each([
        ["/", "Nothing has been decided yet"],
        ["/tasks", "Nothing waits for a person"],
        ["/approvals", "Nothing waits for approval"],
        ["/promises", "No promise is open"],
        ["/runs", "No run is kept"],
        ["/health", "Nothing is stuck."],
        ["/audit", "signed in"],
      ]);
      const page = await on().open("/", { context });
      await page.getByText("There is no language model in this workspace").waitFor();
      await page.getByText(/npx sentient signal/).waitFor();
      if (IS_SHORT) return;
      await each([
        ["/decisions", "No decisions yet"],
        ["/customers", "No decisions yet"],
        ["/customers?flag=late-promise", "No customer"],
        ["/desk", "No customer was decided yet"],
        ["/why", "Ask about one customer and one experience"],
        ["/settings", "Sessions"],
      ]);
    });

    test.skipIf(IS_SHORT)("has tabs of a customer of whom nothing but an id is known, each of which says so", async () => {
      await on().ask("/v1/customers", { id: "c-unknown" });
      for (const look of LOOKS) {
        const context = await on().context(look);
        await on().signIn(context);
        for (const [tab, words] of [
          ["story", "As table"],
          ["record", "No fields are known"],
          ["contacts", "The workspace has no caps"],
          ["conversation", "Nothing was said yet"],
          ["decisions", "Nothing was decided yet"],
          ["privacy", "What is held"],
        ] as const) {
          const page = await on().open(`/customers/c-unknown?tab=${tab}`, { context });
          await page.getByText(words).first().waitFor();
          expect([tab, look, await axe(page)]).toEqual([tab, look, []]);
          await page.close();
        }
      }
    });
  },
  { workspace: garage() },
);
