import { afterAll, beforeAll, expect, test } from "vitest";
import { policyOf } from "../testing/policy.ts";
import { OPERATOR_KEY, openTestService, type TestService } from "../testing/service.ts";

const policy = policyOf(
  `
  channels: {email: {kind: smtp, url: "smtp://localhost:1", from: "Shop <a@shop.example>"}, box: {kind: file}}
  moments: {m: {on: go, expires: 30d}, n: {on: big, expires: 30d}}
  governance: {approval: [{when: experience.value > 5000, reason: dear}], consent: {email: opt_out}}
  learning: {explore: none}
  `,
  [
    "serves: [m]\nchannels: {email: {subject: 'Hi {{ customer.name }}', body: '<p onclick=\"x()\">Hi {{ customer.name }}, <a href=\"https://shop.example/x\">look</a></p><script>1</script>'}}",
    "id: dear\nserves: [n]\nvalue: 9000\nchannels: {email: {subject: Big, body: '<p><img src=\"https://shop.example/i.png\" alt=car></p>'}}",
  ],
);

let running: TestService | undefined;
const on = (): TestService => {
  if (!running) throw new Error("the service is not open");
  return running;
};
const call = (path: string, init: RequestInit = {}) =>
  on().app.request(path, { ...init, headers: { authorization: `Bearer ${OPERATOR_KEY}`, "content-type": "application/json" } });

beforeAll(async () => {
  running = await openTestService(policy, { remove: async () => {} }, { live: false });
  const traits = { name: "<b>Ann</b>", email: "ann@example.com" };
  for (const type of ["go", "big"]) await running.signal(type, "ann", { traits });
  await running.settled();
});
afterAll(async () => running?.close());

test("a mail is shown under a policy of its own, sealed", async () => {
  const [decision] = await on().decisions("ann");
  const [delivery] = decision?.deliveries ?? [];
  const response = await call(`/v1/deliveries/${delivery?.deliveryId}/preview`);
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "content-type": "text/html; charset=utf-8",
    "content-security-policy":
      "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
  });
  const page = await response.text();
  expect(page).toContain("<p>Hi &lt;b&gt;Ann&lt;/b&gt;, <x-a>look</x-a></p>");
  expect(page).not.toMatch(/script|onclick|href/);
});

test("the mail that waits for approval is shown as it would go, with where it leads beside it", async () => {
  const { approvals } = await on().get<{ approvals: { approvalId: string }[] }>("/v1/approvals?customer=ann");
  const path = `/v1/approvals/${approvals[0]?.approvalId}`;
  expect(await (await call(`${path}/preview`)).text()).toContain("[image: car]");
  expect(await on().get(path)).toMatchObject({ links: [], loads: ["https://shop.example/i.png"] });
});

test("a message that is no mail has no page", async () => {
  expect((await call("/v1/deliveries/m_none/preview")).status).toBe(404);
});

test("why, a judgement, and a signal whose source is an address, by their routes", async () => {
  expect(await on().get("/v1/why?customer=ann&experience=dear")).toMatchObject({ outcome: "waits", stoppedAt: "funnel" });
  expect((await call("/v1/why?customer=ann")).status).toBe(400);
  expect((await call("/v1/why?customer=ann&experience=nothing")).status).toBe(404);
  const judged = await call("/v1/customers/ann/judgement", { method: "POST", body: "{}" });
  expect(await judged.json()).toMatchObject({ customerId: "ann", decision: { action: "await_approval", experienceId: "dear" } });
  await on().signal("go", "zoe", {}, { source: "https://shop.example/a b?c", id: "1/2" });
  const named = `${encodeURIComponent("https://shop.example/a b?c")}/${encodeURIComponent("1/2")}`;
  expect(await on().get(`/v1/signals/${named}`)).toMatchObject({ source: "https://shop.example/a b?c", id: "1/2", customerId: "zoe" });
});

test("the rules and one experience of the catalogue", async () => {
  expect(JSON.stringify(await on().get("/v1/policy"))).not.toContain("smtp://");
  expect(await on().get("/v1/catalogue/dear")).toMatchObject({ id: "dear", file: "experiences/1.yaml" });
});
