import { createHmac, timingSafeEqual } from "node:crypto";
import { accepted, badRequest, createPost, defineChannel, headerOf, messageSignals, receiptSignals, refused } from "sentient";
import { z } from "zod";

export const pager = defineChannel({
  kind: "pager",
  options: z.object({
    url: z.url("expected the address of the pager service"),
    key: z.string("expected the key of the pager service"),
    allowPrivate: z.boolean("expected true or false").optional(),
  }),
  content: z.object({ text: z.string("expected text") }),
  text: { text: { most: 200, answer: 200 } },
  address: "phone",

  async connect({ url, key, allowPrivate }, deps) {
    const post = createPost("pager", deps, { allowPrivate });
    return {
      async send({ deliveryId, to, content }, { signal }) {
        const headers = { authorization: `Bearer ${key}`, "content-type": "application/json", "idempotency-key": deliveryId };
        const answer = await post({ url, headers, body: JSON.stringify({ to, text: content.text }), signal });
        return { providerId: JSON.parse(answer.text).id };
      },
    };
  },

  inbound: {
    options: z.object({ key: z.string() }),
    open({ key }, channel) {
      return (request) => {
        const given = headerOf(request, "x-pager-signature");
        if (given === undefined) return refused("signature_missing");
        const expected = createHmac("sha256", key).update(request.rawBody).digest("hex");
        const isSigned = given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
        if (!isSigned) return refused("signature_wrong");
        const { id, event, from, text, page } = JSON.parse(Buffer.from(request.rawBody).toString());
        const news = { channel, id, who: [{ type: "phone", value: from }], data: { text, providerId: page } };
        if (event === "text") return accepted(messageSignals(news));
        if (event === "delivered" || event === "bounced") return accepted(receiptSignals(news, event));
        return badRequest("event: expected text, delivered or bounced");
      };
    },
  },
});
