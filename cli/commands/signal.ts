import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { DATA_IDS } from "../../domain/entities/signal.ts";
import { SentientError } from "../../domain/errors.ts";
import { MERGED } from "../../domain/record/merge.ts";
import { isObject, type Json, parseGuarded, SIGNAL_LIMITS } from "../../domain/values/json.ts";
import { iso } from "../../domain/values/time.ts";
import { textOfFile } from "../../domain/values/utf8.ts";
import type { Actor } from "../../operations/operation.ts";
import { type Command, DONE, text } from "../command.ts";
import { actorOf } from "../operating.ts";
import { remoteOperations } from "../remote-operations.ts";
import { findServer, type ServerClient } from "../server-client.ts";

/** Sends one signal to the running server. */
export const command: Command = {
  async run(args, io) {
    const [type = ""] = args.positionals;
    const subject = text(args.options.customer);
    if (subject === undefined) throw new SentientError("BAD_INPUT", "signal needs --customer ID");
    const data = dataOf(text(args.options.data));
    const id = text(args.options.id) ?? randomUUID();
    const event = {
      specversion: "1.0",
      id,
      source: text(args.options.source) ?? "cli",
      type,
      subject,
      time: iso(io.now()),
      data,
    };
    const server = findServer(args, io);
    const isOwnWord = type === MERGED && text(args.options.source) === undefined && server.hasOperatorKey;
    const result = isOwnWord ? await mergeOn(server, subject, data, actorOf(args, io)) : await server.send(event);
    if (args.options.json === true) io.out(JSON.stringify({ id, ...result }));
    else io.out(`${result.duplicates > 0 ? "known already" : "accepted"}  ${type}  ${subject}  ${id}`);
    return DONE;
  },
};

// --- internal ---

/** Whoever holds an operator key is an operator, and is believed where a source would have to be named in `record.mergeFrom`. */
async function mergeOn(server: ServerClient, id: string, data: Json, actor: Actor): Promise<{ accepted: number; duplicates: number }> {
  const into = isObject(data) ? data.into : undefined;
  if (typeof into !== "string" || into === "") throw new SentientError("BAD_INPUT", "--data: expected into, the id of the other customer");
  const { changed } = await remoteOperations(server).customers.merge(id, into, actor);
  return changed ? { accepted: 1, duplicates: 0 } : { accepted: 0, duplicates: 1 };
}

function dataOf(given: string | undefined): Json {
  if (given === undefined) return {};
  const guarded = parseGuarded(given.startsWith("@") ? contentOf(given.slice(1)) : given, SIGNAL_LIMITS, DATA_IDS);
  if (!guarded.ok) throw new SentientError("BAD_INPUT", `--data: ${guarded.problem}`);
  return guarded.value;
}

function contentOf(path: string): string {
  try {
    return textOfFile(path, readFileSync(path));
  } catch (error) {
    if (error instanceof SentientError) throw error;
    const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "no such file" : (error as Error).message;
    throw new SentientError("BAD_INPUT", `--data: cannot read ${path}: ${why}`);
  }
}
