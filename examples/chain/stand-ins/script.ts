/** How the scripted model handles a message: its topic, the tool calls for it, and the reply. */
export interface ScriptLine {
  /** Matches the customer's message in this turn. */
  readonly hears: RegExp;
  /** Only if this tool was called before the model was asked: the customer has confirmed it. */
  readonly after?: string;
  readonly calls?: readonly { readonly tool: string; readonly input?: Readonly<Record<string, string>> }[];
  /** `{field}` is replaced by a tool result. */
  readonly says: string;
  /** Reply if no tool returned anything, as in a replay, which makes no external calls. Without it a human answers then. */
  readonly blind?: string;
}

/** Moments that a text may mean, each with its typical words. */
export const moments: readonly { readonly hears: RegExp; readonly moment: string }[] = [
  { hears: /please deliver the order to our new address/, moment: "wants_address_change" },
  { hears: /we need six cargo bikes for our team/, moment: "wants_business_offer" },
];

export const letters: readonly { readonly brief: RegExp; readonly parts: Readonly<Record<string, string>> }[] = [
  {
    brief: /trailer is back/,
    parts: {
      subject: "Ines, your Heron trailer is back",
      text: "Good news, Ines: the Heron trailer is back! Until Sunday it costs $540 instead of $600, and it carries two children. Any questions? Just answer this mail.",
    },
  },
];

export const script: readonly ScriptLine[] = [
  // Ines, by e-mail: from the campaign to the sale.
  { hears: /in stock/, says: "Yes, it is in stock, and it carries two children, up to 40 kg together." },
  {
    hears: /I take the Heron trailer/,
    calls: [{ tool: "place_order", input: { item: "Heron trailer" } }],
    says: "A fine choice.",
  },
  {
    hears: /^yes/i,
    after: "place_order",
    says: "Your order {orderId} is placed: the Heron trailer, ${total}. It arrives on {arrives}.",
    blind: "Your order is placed: the Heron trailer, $540. The confirmation comes by mail.",
  },
  // The next day, in the chat: delivery address, accessories, and a business lead.
  {
    hears: /12 Oak Lane/,
    calls: [{ tool: "change_delivery", input: { address: "12 Oak Lane, Portland" } }],
    says: "Gladly.",
  },
  {
    hears: /^yes/i,
    after: "change_delivery",
    says: "Done: order {orderId} goes to {deliverTo} and arrives on {arrives}.",
    blind: "Done: your order goes to 12 Oak Lane, Portland.",
  },
  {
    hears: /rain cover/,
    calls: [{ tool: "find_add_ons" }, { tool: "add_to_order", input: { item: "rain cover" } }],
    says: "The rain cover fits. It costs ${price}.",
    blind: "Here is what I would add.",
  },
  {
    hears: /^yes/i,
    after: "add_to_order",
    says: "It is on your order {orderId}, which now comes to ${total}.",
    blind: "It is on your order.",
  },
  {
    hears: /six cargo bikes/,
    calls: [
      { tool: "open_case", input: { subject: "six cargo bikes for our team" } },
      { tool: "hand_over", input: { summary: "Ines runs a nursery, wants six cargo bikes for her team, and asks for a call." } },
    ],
    says: "",
  },
  // Omar, in the chat.
  { hears: /where is my order/, calls: [{ tool: "find_orders" }], says: "Your order {orderId} is there: it arrived on {arrives}." },
  {
    hears: /return the bell/,
    calls: [{ tool: "start_return", input: { item: "bell", reason: "cracked" } }],
    says: "We are sorry. We gladly take it back.",
  },
  {
    hears: /^yes/i,
    after: "start_return",
    calls: [{ tool: "goodwill" }],
    says: "Your return is {returnId}. For the trouble: {code} is worth $15.",
    blind: "We take it back. For the trouble: {code} is worth $15.",
  },
  {
    hears: /talk to a human/,
    calls: [{ tool: "hand_over", input: { summary: "Omar's lamp is broken after his bell was; he is upset." } }],
    says: "",
  },
];
