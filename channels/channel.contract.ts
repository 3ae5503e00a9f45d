import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SentientError } from "../domain/errors.ts";
import { BEHAVIOURS, type Behaviour, type TestProvider } from "../testing/providers/http-provider.ts";
import type { OpenChannel, OutgoingMessage } from "./channel.ts";
import { isRejected } from "./outcome.ts";

export interface ChannelSubject {
  readonly name: string;
  start(): Promise<TestProvider<unknown>>;
  /** Connects to the provider at an address, with this timeout. */
  connect(url: string, timeoutMs: number): Promise<OpenChannel>;
  /** A message that the provider accepts; its content and address are secrets. */
  message(deliveryId: string, url: string): OutgoingMessage;
  /** Strings that no error may contain: secrets of the options, the text, the address. */
  readonly secrets: readonly string[];
  /** The expected outcome of each provider behaviour, where it differs from the default. */
  readonly known?: Partial<Record<Behaviour, Known>>;
}

export type Known = "accepted" | "rejected" | "unknown";

/** The outcome of a message for each provider behaviour, unless the protocol says more. */
const USUAL: Readonly<Record<Behaviour, Known>> = {
  takes: "accepted",
  refuses: "rejected",
  hangs: "unknown",
  takes_then_fails: "unknown",
  closes: "unknown",
  garbage: "unknown",
  too_many: "unknown",
  endless: "unknown",
};

/** Names of the channels that ran through the contract in this test file. */
export const heldToTheContract = new Set<string>();

/** The contract of every channel that sends to a provider. */
export function channelContract({ name, start, connect, message, secrets, known = {} }: ChannelSubject): void {
  heldToTheContract.add(name);
  describe(name, () => {
    let provider: TestProvider<unknown>;
    let patient: OpenChannel;
    let impatient: OpenChannel;
    beforeAll(async () => {
      provider = await start();
      patient = await connect(provider.url, 60_000);
      impatient = await connect(provider.url, 1_500);
    });
    afterAll(async () => {
      await patient.close?.();
      await impatient.close?.();
      await provider.close();
    });

    const send = (id: string, { signal = new AbortController().signal, channel = patient } = {}) =>
      outcomeOf(channel, message(id, provider.url), signal, secrets);

    test.each(BEHAVIOURS.map((behaviour) => [behaviour, known[behaviour] ?? USUAL[behaviour]] as const))(
      "a provider that %s leaves the message %s, and gets it once",
      async (behaviour, expected) => {
        provider.behave(behaviour);
        const before = provider.taken.length;
        const channel = behaviour === "hangs" || behaviour === "endless" ? impatient : patient;
        expect(await send(`d_${behaviour}`, { channel })).toBe(expected);
        const count = provider.taken.length - before;
        expect(count).toBeGreaterThanOrEqual(expected === "accepted" ? 1 : 0);
        expect(count).toBeLessThanOrEqual(behaviour === "refuses" ? 0 : 1);
        provider.behave("takes");
        expect(await send(`d_after_${behaviour}`)).toBe("accepted");
      },
    );

    test("a provider that is not there leaves the message not taken", async () => {
      const closed = await start();
      const lost = await connect(closed.url, 60_000);
      await closed.close();
      expect(await outcomeOf(lost, message("d_gone", closed.url), new AbortController().signal, secrets)).toBe("rejected");
      await lost.close?.();
    });

    test("giving up while the provider thinks ends the wait at once, and leaves it open", async () => {
      provider.behave("hangs");
      const abort = new AbortController();
      const taken = provider.next();
      const sending = send("d_abort", { signal: abort.signal });
      await taken;
      abort.abort();
      expect(await sending).toBe("unknown");
      provider.behave("takes");
    });

    test("what was given up before reaches no provider", async () => {
      const before = provider.taken.length;
      expect(await send("d_before", { signal: AbortSignal.abort() })).not.toBe("accepted");
      expect(provider.taken.length).toBe(before);
    });

    test("many at once all arrive, each once", async () => {
      const before = provider.taken.length;
      const outcomes = await Promise.all(Array.from({ length: 40 }, (_, index) => send(`d_many_${index}`)));
      expect(new Set(outcomes)).toEqual(new Set(["accepted"]));
      expect(provider.taken.length - before).toBe(40);
    });
  });
}

// --- internal ---

async function outcomeOf(channel: OpenChannel, message: OutgoingMessage, signal: AbortSignal, secrets: readonly string[]): Promise<Known> {
  try {
    await channel.send(message, { signal });
    return "accepted";
  } catch (error) {
    if (!(error instanceof SentientError)) throw error;
    const reported = [error.message, JSON.stringify(error.details), ...causesOf(error)].join("\n");
    for (const secret of secrets) expect(reported).not.toContain(secret);
    return isRejected(error) ? "rejected" : "unknown";
  }
}

function causesOf(error: Error): string[] {
  const { cause } = error;
  return cause instanceof Error ? [cause.message, JSON.stringify(cause), ...causesOf(cause)] : [];
}
