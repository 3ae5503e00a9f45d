import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { consoleFolder } from "../../config/package-root.ts";
import { type Started, startSentient } from "../../testing/process.ts";

const dir = mkdtempSync(join(tmpdir(), "sentient-open-"));
let demo: Started | undefined;
afterAll(async () => {
  demo?.kill("SIGKILL");
  await demo?.ended;
  rmSync(dir, { recursive: true, force: true });
});

test.skipIf(!existsSync(join(consoleFolder, "index.html")))(
  "demo --open shows the dealership's story in the console, without keys and servers, until it is stopped",
  async () => {
    demo = startSentient(["demo", "--open"], {}, dir);
    const [, url = "", code = ""] = await demo.line(/^console {2}(\S+)\/console#code=(\S+)$/);
    const headers = { "sec-fetch-site": "same-origin", origin: url, "content-type": "application/json" };
    const signedIn = await fetch(`${url}/v1/session`, { method: "POST", headers, body: JSON.stringify({ code }) });
    const cookie = (signedIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    expect(await signedIn.json()).toMatchObject({ workspace: { name: "Northwind Motors" }, at: expect.stringMatching(/^2026-09-17T/) });
    const read = async (path: string) => (await fetch(`${url}${path}`, { headers: { ...headers, cookie } })).json();
    const { decisions } = (await read("/v1/decisions?customer=c-dana&limit=200")) as { decisions: { decidedAt: string }[] };
    expect(decisions.length).toBeGreaterThan(10);
    expect(((await read("/v1/tasks")) as { tasks: object[] }).tasks).not.toEqual([]);
    expect(await (await fetch(`${url}/console/decisions`)).text()).toContain('<div id="root">');
    demo.kill("SIGINT");
    expect(await demo.ended).toBe(0);
  },
);
