import type { BrowserContext } from "playwright-core";

/** Watches for everything that must not happen on a page: each is a line of `seen`. */
export interface Troubles {
  readonly seen: string[];
  /** Lines that a test expects, such as a request that the server refuses. */
  allow(pattern: RegExp): void;
}

export interface Watching {
  readonly origin: () => string;
  readonly seen: string[];
  readonly allowed: readonly RegExp[];
}

/** Watches all pages of a browser context for errors, violations of the content security policy and requests to elsewhere. */
export async function watchTroubles(context: BrowserContext, { origin, seen, allowed }: Watching): Promise<void> {
  const note = (line: string): void => {
    if (!OURS.test(line) && !allowed.some((pattern) => pattern.test(line))) seen.push(line);
  };
  // Not through the console: the page could be written to.
  await context.exposeFunction("noteViolation", (line: string) => note(line));
  await context.addInitScript(
    "document.addEventListener('securitypolicyviolation', (event) => noteViolation(`policy ${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`))",
  );
  context.on("page", (page) => {
    page.on("pageerror", (error) => note(`error ${error.message}`));
    page.on("crash", () => note("the page crashed"));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") note(`console ${message.text()} ${message.location().url}`);
    });
    page.on("dialog", (dialog) => note(`dialog ${dialog.message()}`));
  });
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && url.protocol !== "blob:" && url.origin !== origin()) note(`request to ${url.href}`);
  });
}

// --- internal ---

/** The harness itself has scripts in every frame; those in the sealed frame of a mail are blocked, as any would be. */
const OURS = /^console Blocked script execution in 'http:\/\/127\.0\.0\.1:\d+\/v1\/(?:deliveries|approvals)\/[\w-]+\/preview'/;
