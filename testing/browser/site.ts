import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { openWorkspace } from "../../runtime/open-workspace.ts";
import { createApp } from "../../server/app.ts";
import { listen } from "../../server/listen.ts";
import { OPERATOR_KEY, openTestService, type TestService } from "../service.ts";

const BOUTIQUE = join(import.meta.dirname, "..", "..", "examples", "boutique");
const KEY = "site-key-of-a-browser-test";

/** The boutique's page, from an origin of its own, and the server that it asks. */
export interface Site extends Pick<TestService, "rows" | "signal" | "settled"> {
  readonly pageUrl: string;
  close(): Promise<void>;
}

export async function openSite(): Promise<Site> {
  const html = readFileSync(join(BOUTIQUE, "site", "index.html"));
  const pages = createServer((_request, response) => response.setHeader("content-type", "text/html; charset=utf-8").end(html));
  await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
  const { workspace, tools, channels } = await openWorkspace(BOUTIQUE, { environment: {} });
  const { service, rows, signal, settled, close } = await openTestService(
    workspace.policy,
    { remove: async () => {} },
    { tools, channels, standIn: () => {} },
  );
  const siteKeys = [{ name: "boutique", key: KEY, origins: [origin] }];
  const app = createApp({ service, writeKeys: [], operatorKeys: [OPERATOR_KEY], siteKeys, checksAnswers: true });
  const listening = await listen(app, { host: "127.0.0.1", port: 0 });
  return {
    ...{ rows, signal, settled },
    pageUrl: `${origin}/?${new URLSearchParams({ server: listening.url, key: KEY })}`,
    async close() {
      await listening.close();
      await close();
      await new Promise((resolve) => pages.close(resolve));
    },
  };
}
