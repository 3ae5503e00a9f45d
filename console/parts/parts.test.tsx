import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test, vi } from "vitest";
import { Problem } from "../api/client.ts";
import { freshenNow } from "../reader/now.ts";
import { MARKS, type MarkKind } from "../values/marks.ts";
import { Button } from "./button.tsx";
import { Code, Command } from "./code.tsx";
import { Captions } from "./details.tsx";
import { Empty } from "./empty.tsx";
import { Figure } from "./figure.tsx";
import { Mark } from "./mark.tsx";
import { Money } from "./money.tsx";
import { Columns, Page, Panel } from "./page.tsx";
import { PlainTable } from "./plain-table.tsx";
import { Reason } from "./reason.tsx";
import { Said } from "./said.tsx";
import { RowLink } from "./table/row-link.tsx";
import { Tabs } from "./tabs.tsx";
import { Time, ZoneOf } from "./time.tsx";
import { Trouble } from "./trouble.tsx";

const HOSTILE = '<img src=x onerror="alert(1)">\u202egpj';

test("text from outside is text: no element, no attribute, and what hides is named", () => {
  const html = renderToStaticMarkup(<Said text={HOSTILE} />);
  expect(html).not.toContain("<img");
  expect(html).toContain("&lt;img");
  expect(html).toContain("[right-to-left override]");
});

test("a long text is cut with its rest counted", () => {
  const html = renderToStaticMarkup(<Said text={"a".repeat(5_000)} />);
  expect(html).toContain("… more, 904 characters");
});

test("a page has one h1 that can have the focus, and its title is text", () => {
  const html = renderToStaticMarkup(
    <Page title={HOSTILE} answer="In short.">
      <Panel title="Part" aside="3">
        x
      </Panel>
    </Page>,
  );
  expect(html.match(/<h1/g)).toHaveLength(1);
  expect(html).toContain('<h1 tabindex="-1">&lt;img');
  expect(html).toMatch(/<section aria-labelledby="([^"]+)".*<h2 id="\1">Part<\/h2>/);
});

test("a time names its zone, and has the others in its title", () => {
  const html = renderToStaticMarkup(
    <ZoneOf zone="America/Chicago">
      <Time at="2024-11-28T20:20:05Z" />
    </ZoneOf>,
  );
  expect(html).toContain("28 Nov 2024 14:20 CST");
  expect(html).toContain("UTC");
  expect(html).toMatch(/years? ago|months ago/);
  expect(renderToStaticMarkup(<Time at="not a time" />)).toBe("<span>not a time</span>");
});

test("of a list of times, the reader's zone is asked for once", () => {
  const asked = vi.spyOn(Intl.DateTimeFormat.prototype, "resolvedOptions");
  const times = Array.from({ length: 50 }, (_, n) => new Date(n * 1_000).toISOString());
  renderToStaticMarkup(times.map((at) => <Time key={at} at={at} />));
  expect(asked.mock.calls.length).toBeLessThanOrEqual(1);
  asked.mockRestore();
});

test.each(Object.keys(MARKS) as MarkKind[])("the mark %s has a shape that is not heard, and a word", (kind) => {
  const html = renderToStaticMarkup(<Mark kind={kind} />);
  expect(html).toContain('aria-hidden="true"');
  expect(html).toContain(MARKS[kind]);
});

test("a reason has its words and its code", () => {
  expect(renderToStaticMarkup(<Reason code="cap_reached" />)).toContain("the limit of contacts is reached");
  const html = renderToStaticMarkup(<Reason code="cap_reached" detail="weekly: 2 of 2" />);
  expect(html).toContain("weekly: 2 of 2");
  expect(html).toContain("cap_reached");
});

test("a failure says what it means, what to do, and its code; the button says how long", () => {
  const html = renderToStaticMarkup(
    <Trouble error={new Problem(403, { code: "FORBIDDEN", detail: "it needs person" })} again={() => {}} />,
  );
  expect(html).toContain('role="alert"');
  expect(html).toContain("It needs person. Ask an administrator");
  expect(html).toContain("FORBIDDEN");
  const busy = renderToStaticMarkup(<Trouble error={new Problem(503, { code: "OVERLOADED" }, 7)} again={() => {}} />);
  expect(busy).toContain("Again in 7 s");
});

test("an empty list says why, and has the next step to copy", () => {
  const html = renderToStaticMarkup(
    <Empty title="No tasks" command="sentient tasks list">
      Nobody has to do anything.
    </Empty>,
  );
  expect(html).toContain("<code>sentient tasks list</code>");
  expect(html).toContain("Copy");
});

test("a picture has its sentence and its table", () => {
  const html = renderToStaticMarkup(
    <Figure sentence="Two were held back." table={<table />}>
      <svg />
    </Figure>,
  );
  expect(html).toContain("<figcaption");
  expect(html).toMatch(/<summary>As table<\/summary>.*<table>/);
});

test("a text that scrolls can be reached by keyboard", () => {
  expect(renderToStaticMarkup(<Code text="{}" label="As JSON" />)).toContain('tabindex="0"');
  expect(renderToStaticMarkup(<Command text="sentient demo" />)).toContain("sentient demo");
});

test("a button that works cannot be pressed again", () => {
  expect(renderToStaticMarkup(<Button busy>Claim</Button>)).toContain('disabled="" aria-busy="true"');
  expect(renderToStaticMarkup(<Button>Claim</Button>)).toContain('type="button"');
});

test("an amount", () => {
  expect(renderToStaticMarkup(<Money value={1200} currency="EUR" />)).toBe('<data value="1200">€1,200.00</data>');
});

test("tabs are links that keep the filters; the first is the page itself", async () => {
  const tabs = [
    { id: "story", title: "Story" },
    { id: "record", title: "Record" },
  ];
  const routeTree = createRootRoute({ component: () => <Tabs label="Parts" tabs={tabs} /> });
  const router = createRouter({ routeTree, history: createMemoryHistory({ initialEntries: ["/?from=desk&tab=record"] }) });
  await router.load();
  const html = renderToStaticMarkup(<RouterProvider router={router} />);
  expect(html).toMatch(/<a [^>]*href="\/\?from=desk"[^>]*>Story<\/a>/);
  expect(html).toMatch(/<a [^>]*aria-current="page"[^>]*>Record<\/a>/);
  expect(html.match(/aria-current/g)).toHaveLength(1);
});

test("a link in a row is a plain anchor below the path of the console", async () => {
  const routeTree = createRootRoute({ component: () => <RowLink to="/customers/c%2F1?tab=record">c/1</RowLink> });
  const router = createRouter({
    routeTree,
    basepath: "/proxy/console",
    history: createMemoryHistory({ initialEntries: ["/proxy/console/"] }),
  });
  await router.load();
  expect(renderToStaticMarkup(<RouterProvider router={router} />)).toContain('<a href="/proxy/console/customers/c%2F1?tab=record">c/1</a>');
});

test("short values stand below their names; what is not known is left out", () => {
  const html = renderToStaticMarkup(
    <Captions
      of={[
        ["Id", "c-1"],
        ["Zone", undefined],
      ]}
    />,
  );
  expect(html).toMatch(/<dt>Id<\/dt><dd>c-1<\/dd>/);
  expect(html).not.toContain("Zone");
  expect(renderToStaticMarkup(<Captions look="row" of={[]} />)).toContain('data-look="row"');
});

test("a plain table has its heads; its rows are cards on a phone where that is asked for", () => {
  const rows = (
    <tr>
      <td>x</td>
    </tr>
  );
  expect(renderToStaticMarkup(<PlainTable heads={["When", "Why"]}>{rows}</PlainTable>)).toMatch(
    /<th scope="col">When<\/th><th scope="col">Why<\/th><\/tr><\/thead><tbody><tr><td>x<\/td>/,
  );
  const cards = renderToStaticMarkup(
    <PlainTable heads={["When"]} isCards>
      {rows}
    </PlainTable>,
  );
  expect(cards).toContain('data-cards="true"');
});

test("what stands beside the matter of a page comes after it", () => {
  expect(renderToStaticMarkup(<Columns beside="aside">matter</Columns>)).toMatch(/matter.*aside/);
});

test("once the clock has moved on, what has just happened is not told as to come", () => {
  const here = Date.now() + 60_000;
  freshenNow(here);
  expect(renderToStaticMarkup(<Time at={new Date(here - 1_000).toISOString()} as="relative" />)).toContain(">now<");
  freshenNow(here + 2_000);
  expect(renderToStaticMarkup(<Time at={new Date(here + 6_000).toISOString()} as="relative" />)).toContain(">in 6 s<");
});
