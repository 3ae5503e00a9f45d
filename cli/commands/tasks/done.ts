import { SentientError } from "../../../domain/errors.ts";
import { type Arguments, type Command, DONE, text } from "../../command.ts";
import { operateAndJudge } from "../../operating.ts";
import { shortId, showOperated } from "../../views/operations.ts";

export const command: Command = {
  async run(args, io) {
    const [id = ""] = args.positionals;
    const contacted = contactOf(args);
    const operated = await operateAndJudge(args, io, (operations, actor) =>
      operations.tasks.done(id, actor, contacted === undefined ? {} : { contacted }),
    );
    const { result } = operated;
    const how = result.contacted ? ", the customer was contacted" : "";
    const sentence = `${shortId(result.taskId)} ${result.changed ? "is" : "was already"} done by ${result.endedBy}${how}: ${result.summary}`;
    showOperated(operated, sentence, args.options.json === true, io);
    return DONE;
  },
};

// --- internal ---

const KINDS = ["call", "chat", "visit"] as const;

/** How the customer was contacted, where she was: by a call unless it is said otherwise. */
function contactOf({ options }: Arguments): (typeof KINDS)[number] | undefined {
  const given = text(options.kind);
  const kind = KINDS.find((one) => one === (given ?? "call"));
  if (!kind) throw new SentientError("BAD_INPUT", `--kind ${given}: expected ${KINDS.join(", ")}`);
  return options.contacted === true || given !== undefined ? kind : undefined;
}
