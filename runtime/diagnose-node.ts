import type { Finding } from "./diagnose.ts";

/** Below this major version another one is recommended. */
const RECOMMENDED = 24;

/** What there is to say about a version of Node, like `v20.19.6`. An old one still works: `engines` keeps out what does not. */
export function diagnoseNode(version: string): Finding {
  const isOld = Number.parseInt(version.replace(/^v/, ""), 10) < RECOMMENDED;
  const advice = `; Node ${RECOMMENDED} is recommended: it decides faster, and Node 20 gets no security fixes any more`;
  return { what: "Node", state: "good", detail: `${version} (20.19 or newer is needed)${isOld ? advice : ""}` };
}
