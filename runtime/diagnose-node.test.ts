import { expect, test } from "vitest";
import { diagnoseNode } from "./diagnose-node.ts";

test.each(["v20.19.0", "v20.20.2", "v22.18.0", "v23.1.0"])("on %s Node 24 is recommended", (version) => {
  expect(diagnoseNode(version)).toEqual({
    what: "Node",
    state: "good",
    detail: expect.stringMatching(/^v2[023][.\d]+ .*Node 24 is recommended/),
  });
});

test.each(["v24.0.0", "v26.1.0"])("%s needs no upgrade", (version) => {
  expect(diagnoseNode(version)).toEqual({ what: "Node", state: "good", detail: `${version} (20.19 or newer is needed)` });
});
