import type { AskAnswer } from "../../domain/entities/ask.ts";
import type { Json, JsonObject } from "../../domain/values/json.ts";
import { DONE } from "../command.ts";
import type { Io } from "../io.ts";
import { askOnStore, type Operate, serverFor } from "../operating.ts";
import { answerLines } from "../views/answer.ts";

interface AskNext extends Operate {
  readonly customer: string;
  readonly channel: string;
  readonly place: readonly string[];
  readonly context: Json | undefined;
  readonly experience: string | undefined;
}

/** Asks what a customer is to be given now: the running server, or the store itself where no server owns it. */
export async function run({ customer, channel, place, context, experience, json, ...on }: AskNext, io: Io): Promise<number> {
  const body: JsonObject = {
    ...{ customer, channel, within: WITHIN },
    ...(place.length > 0 ? { places: [...place] } : {}),
    ...(context === undefined ? {} : { context }),
    ...(experience === undefined ? {} : { experience }),
  };
  const server = serverFor(on, io);
  const answer: AskAnswer = server ? await server.ask(body) : await askOnStore(on, io, body);
  if (json) io.out(JSON.stringify(answer));
  else for (const line of answerLines(answer, io)) io.out(line);
  return DONE;
}

// --- internal ---

/** Whoever types has more time than a page. */
const WITHIN = "2s";
