import { randomUUID } from "node:crypto";
import { SentientError } from "../../domain/errors.ts";
import { MERGED } from "../../domain/record/merge.ts";
import { isObject, type Json } from "../../domain/values/json.ts";
import { iso } from "../../domain/values/time.ts";
import type { Actor } from "../../operations/operation.ts";
import { type Common, DONE } from "../command.ts";
import type { Io } from "../io.ts";
import { actorOf } from "../operating.ts";
import { remoteOperations } from "../remote.ts";
import { findServer, type ServerClient } from "../server-client.ts";

interface SendSignal extends Pick<Common, "json"> {
  readonly type: string;
  readonly customer: string;
  readonly data: Json | undefined;
  readonly id: string | undefined;
  readonly source: string | undefined;
  readonly url: string | undefined;
  readonly store: string | undefined;
}

/** Sends one signal to the running server. */
export async function run(
  { type, customer: subject, data = {}, id = randomUUID(), source, json, ...at }: SendSignal,
  io: Io,
): Promise<number> {
  const event = {
    specversion: "1.0",
    id,
    source: source ?? "cli",
    type,
    subject,
    time: iso(io.now()),
    data,
  };
  const server = findServer(at, io);
  const isOwnWord = type === MERGED && source === undefined && server.hasOperatorKey;
  const result = isOwnWord ? await mergeOn(server, subject, data, actorOf({}, io)) : await server.send(event);
  if (json) io.out(JSON.stringify({ id, ...result }));
  else io.out(`${result.duplicates > 0 ? "known already" : "accepted"}  ${type}  ${subject}  ${id}`);
  return DONE;
}

// --- internal ---

/** The holder of an operator key acts as an operator, so the source need not be listed in `record.mergeFrom`. */
async function mergeOn(server: ServerClient, id: string, data: Json, actor: Actor): Promise<{ accepted: number; duplicates: number }> {
  const into = isObject(data) ? data.into : undefined;
  if (typeof into !== "string" || into === "") throw new SentientError("BAD_INPUT", "--data: expected into, the id of the other customer");
  const { changed } = await remoteOperations(server).customers.merge({ id, into }, actor);
  return changed ? { accepted: 1, duplicates: 0 } : { accepted: 0, duplicates: 1 };
}
