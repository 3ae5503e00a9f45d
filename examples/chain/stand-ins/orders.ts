import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface Order {
  readonly orderId: string;
  readonly items: string[];
  total: number;
  deliverTo: string;
  state: "packed" | "arrived";
  arrives: string;
}

export interface OrderSystem {
  readonly url: string;
  /** Orders by customer, and returns. */
  readonly orders: Readonly<Record<string, Order[]>>;
  readonly returns: readonly { readonly customerId: string; readonly item: string; readonly reason: string }[];
  close(): Promise<void>;
}

/** A shop's order system in memory. A request with a known idempotency key gets the earlier response. */
export async function openOrderSystem(port = 0): Promise<OrderSystem> {
  const shop: Shop = {
    orders: {
      "c-omar": [
        {
          ...{ orderId: "FC-0907", items: ["Lark bell", "Moth lamp"], total: 64, deliverTo: "9 Pine Road, Salem" },
          ...{ state: "arrived", arrives: "2026-04-10" },
        },
      ],
    },
    returns: [],
  };
  const answered = new Map<string, unknown>();
  const server = createServer(async (request, response) => {
    const key = request.method === "POST" ? String(request.headers["idempotency-key"] ?? "") : "";
    const answer = answered.get(key) ?? handle(shop, request, await bodyOf(request));
    if (key !== "" && answer !== undefined) answered.set(key, answer);
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? { error: "nothing like that" }));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    ...shop,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // A listening server has a port.
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

// --- internal ---

interface Shop {
  readonly orders: Record<string, Order[]>;
  readonly returns: { customerId: string; item: string; reason: string }[];
}

const GOODS = [
  { item: "Heron trailer", price: 540, fits: undefined },
  { item: "rain cover", price: 45, fits: "Heron trailer" },
  { item: "sun roof", price: 39, fits: "Heron trailer" },
  { item: "child seat", price: 120, fits: "Lark bicycle" },
] as const;

const ADDRESSES: Readonly<Record<string, string>> = { "c-ines": "4 Alder Street, Portland" };

type Asked = Readonly<Record<string, string>>;

function handle(shop: Shop, { method, url = "" }: IncomingMessage, asked: Asked): unknown {
  const [, customerId = "", what = ""] = /^\/customers\/([^/]+)\/([a-z-]+)$/.exec(decodeURIComponent(url)) ?? [];
  return ROUTES[`${method} ${what}`]?.(shop, customerId, asked);
}

const ROUTES: Readonly<Record<string, (shop: Shop, customerId: string, asked: Asked) => unknown>> = {
  "GET orders": ({ orders }, customerId) => ({ orders: orders[customerId] ?? [] }),
  "GET add-ons": ({ orders }, customerId) => {
    const items = (orders[customerId] ?? []).flatMap((order) => order.items);
    return { addOns: GOODS.filter(({ fits }) => fits !== undefined && items.includes(fits)) };
  },
  "POST orders"({ orders }, customerId, asked) {
    const wanted = goodsCalled(asked.item);
    if (!wanted) return undefined;
    const order: Order = {
      ...{ orderId: "FC-1042", items: [wanted.item], total: wanted.price, deliverTo: ADDRESSES[customerId] ?? "" },
      ...{ state: "packed", arrives: "2026-04-17" },
    };
    orders[customerId] = [...(orders[customerId] ?? []), order];
    return { orderId: order.orderId, item: wanted.item, total: order.total, arrives: order.arrives };
  },
  "POST add-ons"({ orders }, customerId, asked) {
    const wanted = goodsCalled(asked.item);
    const order = orders[customerId]?.find(({ state, items }) => state === "packed" && wanted?.fits && items.includes(wanted.fits));
    if (!wanted || !order) return undefined;
    order.items.push(wanted.item);
    order.total += wanted.price;
    return { orderId: order.orderId, item: wanted.item, total: order.total };
  },
  "POST delivery"({ orders }, customerId, { address = "" }) {
    const order = orders[customerId]?.find(({ state }) => state === "packed");
    if (!order) return undefined;
    order.deliverTo = address;
    return { orderId: order.orderId, deliverTo: address, arrives: order.arrives };
  },
  "POST returns"({ orders, returns }, customerId, { item = "", reason = "" }) {
    const bought = (orders[customerId] ?? []).flatMap((order) => order.items).find((one) => isCalled(one, item));
    if (!bought) return undefined;
    returns.push({ customerId, item: bought, reason });
    return { returnId: `RT-${100 + returns.length}`, item: bought };
  },
};

const goodsCalled = (said: string | undefined) => GOODS.find(({ item }) => isCalled(item, said ?? ""));

const isCalled = (item: string, said: string): boolean => said !== "" && item.toLowerCase().includes(said.toLowerCase());

async function bodyOf(request: IncomingMessage): Promise<Asked> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text === "" ? {} : JSON.parse(text);
}
