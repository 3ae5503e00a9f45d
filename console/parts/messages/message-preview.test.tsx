import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MessagePreview } from "./message-preview.tsx";

beforeEach(() => {
  vi.stubGlobal("document", { querySelector: () => null });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Within a router: the table of the facts asks for the address. */
async function routed(element: ReactNode): Promise<string> {
  // With a document it would take itself for one in a browser.
  vi.unstubAllGlobals();
  const router = createRouter({ routeTree: createRootRoute({ component: () => element }), history: createMemoryHistory() });
  await router.load();
  return renderToStaticMarkup(<RouterProvider router={router} />);
}

const HOSTILE = '<img src=x onerror="alert(1)">\u202e';

test("a mail stands in a frame that may do nothing, and its body is nowhere else", () => {
  const html = renderToStaticMarkup(
    <MessagePreview content={{ subject: "Hi", body: "<script>1</script>" }} page="/v1/deliveries/m_1/preview" to="a@example.com" />,
  );
  expect(html).toContain('sandbox="" src="/v1/deliveries/m_1/preview"');
  expect(html).not.toContain("script");
  expect(html).toContain("a@example.com");
});

test("its body as it is written is text, folded, beside the frame", () => {
  const html = renderToStaticMarkup(<MessagePreview content={{ body: "x" }} page="/v1/approvals/a/preview" source="<p>Hello</p>" />);
  expect(html).toMatch(/<details><summary>The body as it is written<\/summary>.*&lt;p&gt;Hello&lt;\/p&gt;/);
});

test("the subject comes first, the body last", () => {
  const html = renderToStaticMarkup(<MessagePreview content={{ body: "the body", note: "a note", subject: "the subject" }} />);
  expect([...html.matchAll(/<dt>(\w+)/g)].map(([, name]) => name)).toEqual(["subject", "note", "body"]);
});

test("every other text is text, with what hides in it named", async () => {
  const html = await routed(
    <MessagePreview
      content={{ text: HOSTILE, payload: { a: [1, "<b>"] } }}
      links={[{ target: `javascript:${HOSTILE}`, text: "" }]}
      loads={[HOSTILE]}
      source={HOSTILE}
      facts={{ "lease.endsOn": { value: HOSTILE, source: "dealer", at: "2026-06-01T00:00:00Z", age: "3d", doubt: "is old" } }}
    />,
  );
  expect(html).not.toMatch(/<img|<b>|<iframe|href/);
  expect(html.match(/\[right-to-left override\]/g)).toHaveLength(5);
  expect(html).toContain("without words");
  expect(html).toContain("3d old then");
  expect(html).toContain("is old");
});
