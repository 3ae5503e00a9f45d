import type { Finding } from "./diagnose.ts";

/** Major version below which `doctor` recommends an upgrade. */
const RECOMMENDED = 24;

/** The finding for a Node version such as `v20.19.6`. An old one is only a warning: `engines` rejects unsupported versions. */
export function diagnoseNode(version: string): Finding {
  const isOld = Number.parseInt(version.replace(/^v/, ""), 10) < RECOMMENDED;
  const advice = `; Node ${RECOMMENDED} is recommended: it decides faster, and Node 20 gets no security fixes any more`;
  return { what: "Node", state: "good", detail: `${version} (20.19 or newer is needed)${isOld ? advice : ""}` };
}
