import { type Agent, request } from "node:http";
import { WRITE_KEY } from "./keys.ts";

/** Posts JSON with the bench's write key, and does not wait for what comes of it. */
export function post(url: string, body: string, agent: Agent, onAnswer: (status: number) => void = () => {}): void {
  const sent = request(url, {
    method: "POST",
    agent,
    headers: {
      authorization: `Bearer ${WRITE_KEY}`,
      "content-type": "application/cloudevents+json",
      "content-length": Buffer.byteLength(body),
    },
  });
  sent.on("response", (response) => {
    onAnswer(response.statusCode ?? 0);
    response.resume();
  });
  // What is lost shows as missing.
  sent.on("error", () => {});
  sent.end(body);
}
