import { expect, test } from "vitest";
import { axe } from "./axe.ts";
import { describeInBrowser, keyOf, testOnEachLook } from "./console.ts";

describeInBrowser("the door", (on) => {
  const endAll = async (): Promise<void> => {
    const { sessions } = await on().ask<{ sessions: { id: string }[] }>("/v1/sessions");
    for (const { id } of sessions) await on().ask(`/v1/sessions/${id}/end`, {});
  };

  test("the link of dev signs in; its code is out of the address, and useless a second time", async () => {
    const link = on().link();
    const page = await (await on().context()).newPage();
    await page.goto(link);
    await page.getByText("olga, admin").first().waitFor();
    expect(page.url()).not.toContain("code");
    on().troubles.allow(/401/);
    const second = await (await on().context()).newPage();
    await second.goto(link);
    await second.getByText("The link did not sign you in: this link was used").waitFor();
    expect(second.url()).not.toContain("code");
  });

  testOnEachLook("whoever is not signed in is asked for a key, which may be pasted, and comes to the page they wanted", async (look) => {
    on().troubles.allow(/401/);
    const page = await (await on().context(look)).newPage();
    await page.goto(`${on().url}/console/audit`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByLabel("Key").fill("   ");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("A key is needed").waitFor();
    await page.getByLabel("Key").fill("wrong-key-of-a-test");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("this key is unknown").waitFor();
    await page.getByLabel("Key").fill(` ${keyOf("approver")} `);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Audit" }).waitFor();
    expect(await page.evaluate("document.cookie")).toBe("");
  });

  test("a session that ends leaves the page as it is, and signing in again goes on", async () => {
    const page = await on().open("/decisions?customer=c-dana");
    on().troubles.allow(/401/);
    // The sign-in takes the keyboard as soon as a request finds the session over: the text must be there before.
    await page.getByLabel("Customer").first().fill("c-wen typed");
    await endAll();
    await page.getByLabel("Customer").first().press("Enter");
    await page.getByRole("dialog", { name: "Sign in" }).waitFor();
    await page.getByLabel("Key").fill(keyOf("admin"));
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("dialog", { name: "Sign in" }).waitFor({ state: "detached" });
    expect(await page.getByLabel("Customer").first().inputValue()).toBe("c-wen typed");
  });

  test("settings list the sessions, end another one, and sign out", async () => {
    await endAll();
    const other = await on().open("/decisions");
    const page = await on().open("/settings");
    on().troubles.allow(/401/);
    const ends = page.getByRole("button", { name: "Ends your session in another browser." });
    await ends.first().click();
    await ends.first().waitFor({ state: "detached" });
    expect((await other.request.get(`${on().url}/v1/session`, { headers: { "sec-fetch-site": "same-origin" } })).status()).toBe(401);
    await page.getByLabel("Theme").selectOption("dark");
    await page.getByLabel("Rows a page").selectOption("50");
    await page.reload();
    await page.getByRole("heading", { name: "Settings", level: 1 }).waitFor();
    expect([await page.getByLabel("Theme").inputValue(), await page.getByLabel("Rows a page").inputValue()]).toEqual(["dark", "50"]);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  });

  test("a page on another port of this machine gets nothing with the cookie of a signed-in browser", async () => {
    const page = await on().open("/decisions");
    const { createServer } = await import("node:http");
    const foreign = createServer((_request, response) => response.setHeader("content-type", "text/html").end("<h1>elsewhere</h1>"));
    await new Promise<void>((resolve) => foreign.listen(0, "127.0.0.1", resolve));
    const { port } = foreign.address() as import("node:net").AddressInfo;
    on().troubles.allow(/./);
    try {
      const elsewhere = await page.context().newPage();
      await elsewhere.goto(`http://127.0.0.1:${port}/`);
      const before = await on().ask<{ pauses: object[] }>("/v1/pauses");
      const seen = await elsewhere.evaluate(`Promise.all([
        fetch("${on().url}/v1/customers/c-dana", { credentials: "include" }).then((one) => one.text(), () => "nothing"),
        fetch("${on().url}/v1/customers/c-dana", { credentials: "include", mode: "no-cors" }).then((one) => one.type + one.status, () => "nothing"),
        fetch("${on().url}/v1/pause", { method: "POST", credentials: "include", mode: "no-cors", body: '{"target": {"scope": "all"}}' }).then((one) => one.type, () => "nothing"),
      ])`);
      expect(seen).toEqual(["nothing", "nothing", expect.stringMatching(/^(nothing|opaque)$/)]);
      expect(await on().ask("/v1/pauses")).toEqual(before);
    } finally {
      foreign.close();
    }
  });
});
