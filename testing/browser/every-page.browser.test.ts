import type { BrowserContext, Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { type ErrorCode, SentientError } from "../../domain/errors.ts";
import { problemOf } from "../../server/problem.ts";
import { axe } from "./axe.ts";
import { describeInBrowser, IS_SHORT, type Look, testOnEachLook } from "./console.ts";
import { dialogsOf } from "./dialogs.ts";
import { everyAddress, idsIn, settled } from "./places.ts";
import { bringUp, liven } from "./story-goes-on.ts";

/** Requests of a page for what it shows. */
const isRead = (url: URL): boolean => /\/v1\/(?!session$|stream)/.test(url.pathname);

/** An answer of the server that refuses everything, one for each look. */
const REFUSALS: readonly { readonly look: Look; readonly error: Error; readonly words: RegExp }[] = [
  { look: { size: "desktop", theme: "light" }, error: new Error("boom"), words: /something unexpected happened/i },
  { look: { size: "desktop", theme: "dark" }, error: refused("FORBIDDEN"), words: /your role does not allow this/i },
  { look: { size: "phone", theme: "light" }, error: refused("NOT_FOUND"), words: /there is no such thing here/i },
  { look: { size: "phone", theme: "dark" }, error: refused("STORE_FAILED"), words: /the server is busy or its database does not answer/i },
];

function refused(code: ErrorCode): SentientError {
  return new SentientError(code, "why it is so");
}

const UNFOLD = 'for (const one of document.querySelectorAll("main details")) one.open = true; undefined';
const SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
/** What would move. */
const MOVING = `[...document.querySelectorAll("*")].filter((one) => {
  const { transitionDuration, animationName, animationDuration } = getComputedStyle(one);
  return /[1-9]/.test(transitionDuration) || (animationName !== "none" && /[1-9]/.test(animationDuration));
}).map(({ outerHTML }) => outerHTML.slice(0, 100))`;

/** Pages that show a form before anything is answered. */
const NEVER_EMPTY = ["/why", "/desk", "/settings"];

/** Texts that are seen in the page; a picture may become a list, and a table's head the words of its cells. */
const SEEN = `(() => {
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const seen = [];
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    if (data.trim() !== "" && parentElement.checkVisibility({ visibilityProperty: true }) && !parentElement.closest(".only-heard, thead, kbd, figure svg"))
      seen.push(data.trim());
  }
  return [...new Set(seen)];
})()`;

/** What is cut off at the edge of its place, where no table beside it has the whole. */
const CUT_OFF = `[...document.querySelectorAll("main *")].filter((one) => {
  const { overflowX, overflowY, clipPath } = getComputedStyle(one);
  const isCut = (overflowX === "hidden" && one.scrollWidth > one.clientWidth + 1) || (overflowY === "hidden" && one.scrollHeight > one.clientHeight + 1);
  return isCut && clipPath === "none" && one.checkVisibility() && !one.closest("[data-mark], .only-heard");
}).map(({ outerHTML }) => outerHTML.slice(0, 160))`;

/** Shapes of pictures that have the colour of their ground, and those of marks, by their kind. */
const UNSEEN = `(() => {
  const ground = getComputedStyle(document.documentElement).backgroundColor;
  const isNothing = (paint) => paint === "none" || paint === ground || /^rgba\\(.*, 0\\)$/.test(paint);
  return [...document.querySelectorAll("main figure svg :is(path, circle, line, rect, polygon, text), main [data-mark] svg *")]
    .filter((one) => one.checkVisibility() && one.tagName !== "g" && !/ground/.test(one.className.baseVal))
    .filter((one) => {
      const { stroke, fill, strokeWidth } = getComputedStyle(one);
      return isNothing(fill) && (isNothing(stroke) || strokeWidth === "0px");
    })
    .map((one) => one.outerHTML.slice(0, 120));
})()`;

/** The titles of dialogs, each of which must have been seen. */
const DIALOGS = [
  ...["Pause", "Resume channel sms?", "Revive 1 dead letter?", "Revive 2 dead letters?", "Discard 1 dead letter?"],
  ...["Take over this task?", "Is this task done?", "Has this promise been kept?", "Decide again what this run has left undone?"],
  ...["Approve this message?", "Reject this message?", "Use this address again?", "Split c-wen off?"],
  ...["Stop this canary?", "Approve it for all customers?", "Put this version in force again?"],
  ...["Publish this proposal?", "Reject this proposal?", "Revise this proposal", "Rehearse a change", "Cancel this rehearsal?"],
];

describeInBrowser("every page", (on) => {
  let addresses: readonly string[] = [];
  let task = "";
  beforeAll(async () => {
    await liven(on());
    const ids = await idsIn(on(), ["c-dana"]);
    // The latest rehearsal is being played, the one before it is done.
    addresses = [...everyAddress(ids), `/rehearsals/${ids["rehearsals"]?.[0]}`];
    task = ids["tasks"]?.at(-1) ?? "";
  });

  /** Goes through the pages in one tab. */
  async function eachPage(
    look: Partial<Look>,
    check: (page: Page, address: string) => Promise<void>,
    {
      among = addresses,
      prepare,
    }: { readonly among?: readonly string[]; readonly prepare?: (context: BrowserContext) => Promise<unknown> } = {},
  ): Promise<void> {
    const context = await on().context(look);
    await on().signIn(context);
    await prepare?.(context);
    const page = await context.newPage();
    for (const address of among) {
      await page.goto(`${on().url}/console${address}`);
      await page.locator("h1").waitFor();
      await check(page, address);
    }
  }

  testOnEachLook("has no violation of WCAG 2.2 AA, one h1, its title, nothing that moves, and no sideways scrolling", (look) =>
    eachPage(look, async (page, address) => {
      await settled(page);
      await page.evaluate(UNFOLD);
      expect([address, await axe(page)]).toEqual([address, []]);
      const heading = await page.locator("h1").textContent();
      expect([address, await page.locator("h1").count(), await page.title()]).toEqual([address, 1, `${heading} · Sentient`]);
      expect([address, await page.evaluate(SIDEWAYS), await page.evaluate(MOVING)]).toEqual([address, 0, []]);
    }),
  );

  test.each(IS_SHORT ? REFUSALS.slice(0, 1) : REFUSALS)(
    "says what failed, and has no violation: $look.size, $look.theme, $words",
    async ({ look, error, words }) => {
      on().troubles.allow(/^console Failed to load resource/);
      const { status, headers, body } = problemOf(error);
      await eachPage(
        look,
        async (page, address) => {
          const alerts = page.getByRole("alert");
          // What failed without a word about when is asked twice more.
          const isSaid = async (): Promise<boolean> => {
            await page.clock.runFor(1_000);
            return (await page.locator("[aria-label=Loading]").count()) === 0 && (await alerts.count()) > 0;
          };
          await expect.poll(isSaid, { message: address }).toBe(true);
          expect([address, await alerts.first().textContent()]).toEqual([address, expect.stringMatching(words)]);
          expect([address, await axe(page)]).toEqual([address, []]);
        },
        {
          ...(IS_SHORT ? { among: ["/customers/c-dana", "/health"] } : {}),
          prepare: async (context) => {
            await context.clock.install();
            await context.route(isRead, (route) => route.fulfill({ status, headers, body }));
          },
        },
      );
    },
  );

  testOnEachLook("has no violation while it loads", (look) =>
    eachPage(
      look,
      async (page, address) => {
        const isWaiting = (await page.locator("[aria-label=Loading]").count()) > 0;
        expect([address, isWaiting || NEVER_EMPTY.includes(address)]).toEqual([address, true]);
        expect([address, await axe(page)]).toEqual([address, []]);
      },
      {
        ...(IS_SHORT ? { among: ["/customers/c-dana"] } : {}),
        prepare: (context) => context.route(isRead, () => new Promise<never>(() => {})),
      },
    ),
  );

  test("at 400 % all of it is there, whole and without sideways scrolling", () =>
    eachPage(
      {},
      async (page, address) => {
        await settled(page);
        await page.setViewportSize({ width: 1280, height: 1024 });
        const before = (await page.evaluate(SEEN)) as string[];
        await page.setViewportSize({ width: 320, height: 256 });
        const filters = page.getByRole("button", { name: "More filters" });
        if (await filters.isVisible()) await filters.click();
        const after = new Set((await page.evaluate(SEEN)) as string[]);
        const lost = before.filter((text) => !after.has(text) && text !== "More filters");
        const [wider, cutOff] = [await page.evaluate(SIDEWAYS), await page.evaluate(CUT_OFF)];
        expect({ address, lost, wider, cutOff }).toEqual({ address, lost: [], wider: 0, cutOff: [] });
      },
      IS_SHORT ? { among: ["/customers/c-dana"] } : {},
    ));

  test("in forced colours every shape of a picture is seen on its ground", () =>
    eachPage(
      {},
      async (page, address) => {
        await page.emulateMedia({ forcedColors: "active" });
        await settled(page);
        expect([address, await page.evaluate(UNSEEN)]).toEqual([address, []]);
        expect([address, await axe(page)]).toEqual([address, []]);
      },
      IS_SHORT ? { among: ["/customers/c-dana"] } : {},
    ));

  const seen = new Set<string>();

  testOnEachLook("has no violation in any of its dialogs, each of which gives the focus back", async (look) => {
    if (!IS_SHORT && seen.size === 0) await bringUp(on(), task);
    await eachPage(
      look,
      async (page, address) => {
        await settled(page);
        for await (const title of dialogsOf(page)) {
          seen.add(title);
          expect([address, title, await axe(page)]).toEqual([address, title, []]);
        }
      },
      IS_SHORT ? { among: ["/health"] } : {},
    );
    expect([...seen]).toEqual(expect.arrayContaining(IS_SHORT ? ["Pause"] : DIALOGS));
  });
});
