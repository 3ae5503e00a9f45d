import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../domain/values/json.ts";
import { policyOf } from "../testing/policy.ts";
import { startHttpProvider } from "../testing/providers/http-provider.ts";
import { engines, openTestService, type Place, type TestService, until } from "../testing/service.ts";

/** What happens while the provider holds its response back. */
let meanwhile: (deliveryId: string) => Promise<void> = async () => {};
const provider = await startHttpProvider({
  ...{ status: 200, body: "" },
  meanwhile: ({ headers }) => meanwhile(headers["webhook-id"] ?? ""),
});
afterAll(() => provider.close());

const POLICY = policyOf(
  `
  learning: {explore: none}
  channels: {box: {kind: file, address: none}, hook: {kind: webhook, url: "${provider.url}", allowPrivate: true, secret: whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0}}
  governance: {consent: {hook: opt_out, box: opt_out}}
  promises: {reply: {due: 30d, owner: service}}
  moments:
    asked: {on: message.received, expires: 9d}
    sent: {on: delivery.sent, expires: 1d, when: "signal.data.experienceId == 'answer'"}
    counted: {on: ask, expires: 1d, when: "count('delivery.sent', '30d') == 2"}
  `,
  [
    "id: answer\nserves: [asked]\nchannels: {hook: {payload: {text: Hello}}}\npromise: {name: callback, due: 30d, owner: sales}\nsuccess: {signal: bought, within: 9d}",
    "id: after-sent\nserves: [sent]\nchannels: {box: {text: Did it arrive?}}",
    "id: counted\nserves: [counted]\nchannels: {box: {text: Counted}}",
  ],
);

describe.each(engines)("a receipt before the provider's response, on $name", (engine) => {
  let place: Place;
  let on: TestService;
  beforeAll(async () => {
    place = await engine.place();
    on = await openTestService(POLICY, place);
  });
  afterAll(async () => {
    await on.close();
    await place.remove();
  });

  /** Sends an answer whose receipt is applied before or after the provider's response, and returns all that is kept of it. */
  async function told(who: string, when: "before" | "after", type: string, response: "takes" | "takes_then_fails" = "takes") {
    provider.behave(response);
    let deliveryId = "";
    const receive = async () => {
      // The provider's clock is behind; what is left over is looked for among what is some seconds old.
      await on.signal(type, who, { deliveryId }, { source: "hook", time: new Date(Date.now() - 60_000).toISOString() });
      await until(async () => (await on.rows("select 1 from signals where customer_id = $1 and type = $2", [who, type])).length > 0, type);
    };
    meanwhile = async (id) => {
      deliveryId = id;
      if (when === "before") await receive();
    };
    await on.signal("message.received", who, { channel: "hook", text: "Hello?" });
    await on.settled();
    if (when === "after") await receive();
    const settled = async () => (await on.rows("select 1 from deliveries where customer_id = $1 and promises_due", [who])).length === 0;
    await until(settled, "recorded promises");
    await on.settled();
    await on.signal("ask", who);
    await on.settled();
    const of = async (sql: string) => (await on.rows<JsonObject>(sql, [who])).map((row) => Object.values(row).join(" "));
    return {
      sends: provider.taken.filter(({ headers }) => headers["webhook-id"] === deliveryId).length,
      deliveries: await of(
        "select experience_id, status, provider_id = delivery_id from deliveries where customer_id = $1 order by reserved_at",
      ),
      promises: await of("select name, coalesce(ended, 'open'), ended_by from promises where customer_id = $1 order by name"),
      touches: await of("select kind, counted from touches where customer_id = $1 order by at"),
      outcomes: await of("select kind from outcomes where customer_id = $1 order by kind"),
      timers: await of("select split_part(key, ':', 1) from timers where customer_id = $1 order by key"),
    };
  }

  const ALL = {
    sends: 1,
    promises: ["callback open ", "reply kept delivery"],
    touches: ["delivery true", "delivery true", "delivery true"],
    timers: ["promise", "response", "response", "response"],
  };
  const followed = (status: string) => [`answer ${status} true`, "after-sent sent true", "counted sent true"];

  test.each(["delivery.delivered", "delivery.opened", "delivery.sent"])("W18: %s has one effect each, whichever is first", async (type) => {
    const kind = type.slice("delivery.".length);
    const early = await told(`early-${kind}`, "before", type);
    expect(early).toMatchObject({ ...ALL, deliveries: followed(kind === "sent" ? "sent" : "delivered") });
    expect(early.outcomes).toEqual(kind === "sent" ? [] : [kind]);
    expect(await told(`late-${kind}`, "after", type)).toEqual(early);
  });

  test("W18: a message that bounced before its provider answered was sent once, and holds no touch", async () => {
    const early = await told("early-bounced", "before", "delivery.bounced");
    expect(early).toMatchObject({ sends: 1, outcomes: ["bounced"], deliveries: followed("bounced"), promises: ALL.promises });
    expect(early.touches).toEqual(["delivery false", "delivery true", "delivery true"]);
    expect(await told("late-bounced", "after", "delivery.bounced")).toEqual(early);
  });

  test("W18: a receipt makes certain what the provider's response left open", async () => {
    const early = await told("early-unsure", "before", "delivery.delivered", "takes_then_fails");
    expect(early).toMatchObject({ ...ALL, deliveries: ["answer delivered ", "after-sent sent true", "counted sent true"] });
    expect(await told("late-unsure", "after", "delivery.delivered", "takes_then_fails")).toEqual(early);
  });
});
