import { Readable } from "node:stream";
import { z } from "zod";
import type { Decision } from "../domain/entities/decision.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { SentientError } from "../domain/errors.ts";
import type { Json } from "../domain/values/json.ts";
import type { Instant } from "../domain/values/time.ts";
import { runStream } from "../engine/run-stream.ts";
import { importCustomers, readCustomerText } from "../intake/import-customers.ts";
import { readSignalLines } from "../intake/read-signals.ts";
import type { Model } from "../models/model.ts";
import { createRuntime, type Runtime } from "../runtime/create-runtime.ts";
import { type AnyTool, defineTool } from "../tools/tool.ts";
import { at } from "./builders.ts";
import { policyOf } from "./policy.ts";
import { type Received, startHttpProvider, type TestProvider } from "./providers/http-provider.ts";
import { startSmtpProvider, type TakenMail } from "./providers/smtp-provider.ts";

export type { Model } from "../models/model.ts";

/** The state of the shop's own systems, and the actions taken in them. */
export interface ShopSystems {
  /** Orders by customer. */
  readonly orders: Map<string, Readonly<Record<string, ShopOrder>>>;
  /** Order look-ups: the customer asked about, and the order returned. */
  readonly lookups: { readonly customerId: string; readonly orderId: string }[];
  readonly returns: { readonly customerId: string; readonly orderId: string }[];
  /** Calls of a tool that no experience uses. */
  readonly payouts: Json[];
}

export interface ShopOrder {
  readonly arrives: string;
  readonly note: string;
  /** The error of the system, instead of an answer. */
  readonly fails?: string;
}

export interface ShopSignal {
  readonly time: string;
  readonly type: string;
  readonly subject: string;
  readonly data: { readonly [field: string]: Json };
}

/** A live shop: its mail, text messages and own systems run on this machine. */
export interface Shop {
  readonly runtime: Runtime;
  readonly policy: Policy;
  readonly systems: ShopSystems;
  readonly mails: readonly TakenMail[];
  readonly texts: readonly { readonly to: string; readonly from: string; readonly body: string }[];
  customers(...lines: readonly Json[]): Promise<void>;
  /** Plays signals until a time, to which the shop's clock then advances. */
  play(signals: readonly ShopSignal[], until: string): Promise<Decision[]>;
  rows(sql: string, params?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export interface ShopOptions {
  /** The language model; without one, rules decide. */
  readonly model?: Model;
  /** False: the shop's order system returns any order by its number, whoever the customer is. */
  readonly guardsOrders?: boolean;
}

export const SENDER = { mail: "care@northwind.example", phone: "+15550000001" } as const;

/** Opens the shop in memory, with its own providers. */
export async function openShop({ model, guardsOrders = true }: ShopOptions = {}): Promise<Shop> {
  const mail = await startSmtpProvider();
  const gateway = await startHttpProvider({ status: 201, body: '{"sid":"SM1"}' });
  const systems: ShopSystems = { orders: new Map(), lookups: [], returns: [], payouts: [] };
  const policy = policyOf(settingsFor(mail, gateway), EXPERIENCES, { tools: toolsOf(systems, guardsOrders) });
  let clock = at("2026-06-01T00:00:00Z");
  let played = 0;
  const options = { policy, live: true, now: () => clock, tools: toolsOf(systems, guardsOrders), ...(model ? { model: () => model } : {}) };
  const runtime = await createRuntime(options);
  const { store, decider } = runtime;
  return {
    ...{ runtime, policy, systems, mails: mail.taken },
    get texts() {
      return gateway.taken.map(textOf);
    },
    async customers(...lines) {
      const { lines: read, problems } = readCustomerText(lines.map((line) => JSON.stringify(line)).join("\n"));
      if (problems[0]) throw new Error(problems[0].problem);
      await importCustomers(read, clock, store, policy);
    },
    async play(signals, until) {
      const decisions: Decision[] = [];
      const events = signals.map((signal) => JSON.stringify({ specversion: "1.0", id: `s-${++played}`, source: "shop", ...signal }));
      clock = advance(clock, at(until));
      const onDecision = (decision: Decision) => void decisions.push(decision);
      const { problems } = await runStream(readSignalLines(Readable.from([events.join("\n")])), {
        ...{ store, decider, onDecision, until: at(until) },
      });
      if (problems[0]) throw new Error(`signal ${problems[0].line}: ${problems[0].problem}`);
      return decisions;
    },
    rows: async (sql, params = []) => (await store.database.pool.query(sql, [...params])).rows,
    async close() {
      await runtime.close();
      await Promise.all([mail.close(), gateway.close()]);
    },
  };
}

// --- internal ---

/** Setting the clock back would make new records late. */
const advance = (clock: Instant, to: Instant): Instant => Math.max(clock, to);

function textOf({ body }: Received): Shop["texts"][number] {
  const form = new URLSearchParams(body.toString());
  return { to: form.get("To") ?? "", from: form.get("From") ?? "", body: form.get("Body") ?? "" };
}

const settingsFor = (mail: TestProvider<TakenMail>, gateway: TestProvider<Received>): string => `
  name: Northwind
  moments:
    message: {on: message.received, expires: 2d}
    complaint: {on: ticket.opened, says: [I am very unhappy with your service, This is a complaint, Nobody called me back], expires: 5d}
    damage: {on: ticket.opened, says: [The roof rack broke and damaged my car, Your part scratched the roof], expires: 5d}
    lease_ending: {on: lease.updated, expires: 30d}
    reviewable: {on: order.delivered, expires: 5d}
    cart_left: {on: cart.left, expires: 2d}
    car_due: {on: car.due, expires: 5d}
    vip: {on: manager.decided, expires: 5d}
    inner_circle: {on: manager.decided, says: [make her a member of the inner circle], expires: 5d}
  channels:
    email: {kind: smtp, url: "${mail.url}", from: "Northwind <${SENDER.mail}>"}
    sms: {kind: twilio, accountSid: AC1, authToken: gateway-s3cret, from: "${SENDER.phone}", url: "${gateway.url}"}
    desk: {kind: human, queue: service}
  promises: {reply: {due: 4h, owner: service}}
  governance:
    consent: {email: opt_out, sms: opt_in}
    approval: [{when: experience.value > 5000, reason: high value}]
  learning: {explore: none}
  brand: {voice: warm, banned: [cheap], languages: [en]}
`;

const EXPERIENCES: readonly string[] = [
  `
  id: answer
  serves: [message]
  department: service
  transactional: true
  value: 5000
  levers: {weight: 100}
  channels:
    sms: {text: "Thank you, {{ customer.firstName | default: 'you' }}. A colleague answers soon."}
    email: {subject: Your message, body: "<p>Thank you, {{ customer.firstName | default: 'you' }}.</p><p>A colleague answers soon.</p>"}
  converse:
    brief: We sell roof racks. The roof rack costs 200 and fits every wagon. There is a code for it. Gladly we change an address or take a return.
    tools:
      find_order: {with: {customerId: "{{ customer.id }}"}, asks: {orderId: the order's number}}
      change_address: {tool: update_traits, about: Changes where we deliver., asks: {traits.address: the new address}, confirm: Shall we deliver here from now on?}
      open_return: {with: {customerId: "{{ customer.id }}"}, about: Opens a return., asks: {orderId: the order's number}, confirm: Shall we open a return for this order?}
      offer_rack: {tool: issue_offer, about: A code for the roof rack., with: {percent: 10, validFor: 3d}, once: 1d}
      follow_up: {tool: open_case, about: A sales representative gets in touch., with: {queue: sales}, asks: {subject: what it is about}}
  `,
  `
  id: apology
  serves: [complaint]
  department: service
  channels:
    email:
      subject: About your letter
      body: "<p>Dear {{ customer.firstName }},</p><p>we are sorry. A person reads your letter and answers it.</p>"
      brief: Say sorry warmly.
  `,
  `
  id: refund
  serves: [complaint, damage]
  value: 1000
  eligibility: [customer.refundable]
  judge: The customer deserves all of the money.
  action: {tool: issue_offer, input: {percent: 100, validFor: 30d}}
  channels: {email: {subject: Your refund, body: "<p>You get it all back: {{ action.code }}</p>"}}
  `,
  `
  id: goodwill
  serves: [damage]
  value: 9000
  action: {tool: issue_offer, input: {amount: 500, validFor: 30d}}
  channels: {email: {subject: A repair on us, body: "<p>Dear {{ customer.firstName }}, show {{ action.code }} at any of our garages.</p>", brief: Say it warmly.}}
  `,
  `
  id: lease-end
  serves: [lease_ending]
  department: sales
  channels:
    email:
      subject: "Your lease ends {{ customer.lease.endsOn | date: '%-d %B' }}"
      body: "<p>Dear {{ customer.firstName }},</p><p>your lease ends on {{ customer.lease.endsOn | date: '%-d %B %Y' }}. <a href='https://northwind.example/lease'>See what you can do</a></p>"
      brief: Remind them warmly that the lease is ending.
    sms: {text: "Dear {{ customer.firstName }}, your lease ends {{ customer.lease.endsOn | date: '%-d %B' }}.", brief: Remind them warmly.}
  `,
  `
  id: review-request
  serves: [reviewable]
  department: marketing
  channels: {sms: {text: "Dear {{ customer.firstName }}, how do you like it? https://northwind.example/r", brief: Ask how they like it.}}
  `,
  `
  id: win-back
  serves: [cart_left]
  department: marketing
  judge: The customer has no complaint that is still open.
  action: {tool: issue_offer, input: {percent: 10, validFor: 3d}}
  channels:
    email:
      subject: Still thinking about it?
      body: "<p>Dear {{ customer.firstName }},</p><p>with {{ action.code }} the roof rack costs 10% less. <a href='https://northwind.example/cart'>Your cart</a></p>"
      brief: Invite them back warmly.
  `,
  `
  id: service-due
  serves: [car_due]
  department: service
  channels:
    email: {subject: Your car is due, body: "<p>Dear {{ customer.firstName }}, your car is due for its service.</p>", brief: Remind them warmly.}
    sms: {text: "Dear {{ customer.firstName }}, your car is due for its service.", brief: Remind them warmly.}
  `,
  `
  id: vip-upgrade
  serves: [vip, inner_circle]
  value: 1000
  channels: {email: {subject: The large car, body: "<p>You get the large car.</p>"}}
  `,
];

const Asked = z.strictObject({ customerId: z.string(), orderId: z.string() });

function toolsOf({ orders, lookups, returns, payouts }: ShopSystems, guardsOrders: boolean): AnyTool[] {
  const belongings = (customerId: string): readonly string[] => (guardsOrders ? [customerId] : [...orders.keys()]);
  const orderOf = (customerId: string, orderId: string): ShopOrder | undefined =>
    belongings(customerId)
      .map((owner) => orders.get(owner)?.[orderId.toUpperCase()])
      .find((order) => order !== undefined);
  return [
    defineTool({
      name: "find_order",
      description: "Looks up an order of a customer.",
      effect: "read",
      asks: ["orderId"],
      input: Asked,
      output: z.object({ arrives: z.string(), note: z.string() }),
      async run(asked) {
        lookups.push(asked);
        const order = orderOf(asked.customerId, asked.orderId);
        if (!order) throw new SentientError("NOT_FOUND", "no such order");
        if (order.fails !== undefined) throw new Error(order.fails);
        return { arrives: order.arrives, note: order.note };
      },
    }),
    defineTool({
      name: "open_return",
      description: "Opens a return of an order.",
      effect: "write",
      asks: ["orderId"],
      input: Asked,
      output: z.object({ open: z.boolean() }),
      idempotencyKey: ({ customerId, orderId }) => `${customerId}:${orderId}`,
      async run(asked) {
        returns.push(asked);
        return { open: true };
      },
    }),
    defineTool({
      name: "pay_out",
      description: "Pays money out.",
      effect: "write",
      input: z.looseObject({}),
      output: z.object({}),
      idempotencyKey: (input) => JSON.stringify(input),
      async run(input) {
        payouts.push(input as Json);
        return {};
      },
    }),
  ];
}
