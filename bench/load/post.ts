import { type Agent, request } from "node:http";
import { WRITE_KEY } from "./keys.ts";

/** Posts JSON with the benchmark's write key, without waiting for the response. */
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
  // A lost signal is counted as missing.
  sent.on("error", () => {});
  sent.end(body);
}
