import { afterEach, expect, test, vi } from "vitest";
import { codeIn, signInByCode } from "./session.ts";

test.each([
  ["#code=abc-_9", "abc-_9"],
  ["#code=", undefined],
  ["#code=a&b", undefined],
  ["#code=<script>", undefined],
  [`#code=${"a".repeat(201)}`, undefined],
  ["#content", undefined],
  ["", undefined],
])("the code in %j is %j", (hash, code) => {
  expect(codeIn(hash)).toBe(code);
});

/** The page of an address, and the addresses that it had since. */
function pageAt(hash: string) {
  const addresses: string[] = [];
  const history = { state: null, replaceState: (_state: unknown, _title: string, address: string) => void addresses.push(address) };
  const page = { location: { hash, pathname: "/console/decisions", search: "?customer=c-1" }, history } as unknown as Window;
  return { page, addresses };
}

/** Requests sent to a server that gives this answer. */
function answering(response: () => Response): string[] {
  const sent: string[] = [];
  vi.stubGlobal("document", { querySelector: () => null });
  vi.stubGlobal("fetch", async (url: string, { body }: { body: string }) => {
    sent.push(`${url} ${body}`);
    return response();
  });
  return sent;
}
afterEach(() => {
  vi.unstubAllGlobals();
});

test("a link signs in, and its code is out of the address before it is sent", async () => {
  const { page, addresses } = pageAt("#code=abc");
  const sent = answering(() => {
    expect(addresses).toEqual(["/console/decisions?customer=c-1"]);
    return Response.json({});
  });
  expect(await signInByCode(page)).toBeUndefined();
  expect(sent).toEqual(['/v1/session {"code":"abc"}']);
});

test("a used link says why it does not sign in, and its code is out of the address as well", async () => {
  const { page, addresses } = pageAt("#code=abc");
  answering(() => Response.json({ code: "UNAUTHORIZED", detail: "this link was used" }, { status: 401 }));
  expect(await signInByCode(page)).toBe("this link was used");
  expect(addresses).toHaveLength(1);
});

test("an address without a code asks nothing and stays as it is", async () => {
  const { page, addresses } = pageAt("#content");
  const sent = answering(() => Response.json({}));
  expect([await signInByCode(page), sent, addresses]).toEqual([undefined, [], []]);
});
