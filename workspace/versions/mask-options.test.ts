import { expect, test } from "vitest";
import { withMaskedOptions } from "./mask-options.ts";

const maskedText = (text: string): string =>
  withMaskedOptions(new Map([["sentient.yaml", Buffer.from(text)]]))
    .get("sentient.yaml")
    ?.toString() ?? "";

test("options of channels that are written out are masked, in whatever form; the rest of the file is as it was", () => {
  const text = `# our shop
name: Shop   # not a secret
channels:
  sms: {kind: twilio, authToken: abc, from: "+1555", counts: true}  # a comment
  crm:
    kind: webhook
    url: 'https://me:pw@crm.example'
    secret: \${CRM_SECRET}
    other: \${CRM_OTHER:-hunter2}
    headers: {X-Key: k1}
    list: [one, 2]
    text: |
      line one
      line two
    inbound: {provider: postmark, password: p1}
moments:
  m: {on: go, expires: 1d}
`;
  expect(maskedText(text)).toBe(`# our shop
name: Shop   # not a secret
channels:
  sms: {kind: twilio, authToken: "•••", from: "•••", counts: true}  # a comment
  crm:
    kind: webhook
    url: "•••"
    secret: \${CRM_SECRET}
    other: "•••"
    headers: {X-Key: "•••"}
    list: ["•••", "•••"]
    text: "•••"
    inbound: {provider: postmark, password: "•••"}
moments:
  m: {on: go, expires: 1d}
`);
});

test("what an alias in a channel stands for is masked where it is written, once", () => {
  const masked = maskedText("name: &n hunter2\nchannels:\n  a: {kind: webhook, secret: *n}\n  b: {kind: webhook, secret: *n}\n");
  expect(masked).not.toContain("hunter2");
  expect(masked.match(/•••/g)).toHaveLength(1);
});

test("a file that is no YAML is masked as a whole", () => {
  expect(maskedText("channels: {a: {secret: hunter2")).toBe("•••");
});

test("files without channels stay as they are", () => {
  expect(maskedText("name: Shop\n")).toBe("name: Shop\n");
  expect(withMaskedOptions(new Map())).toEqual(new Map());
});
