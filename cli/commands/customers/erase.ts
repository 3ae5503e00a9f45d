import { SentientError } from "../../../domain/errors.ts";
import { type Command, DONE } from "../../command.ts";
import { withOperations } from "../../operating.ts";

export const command: Command = {
  async run(args, io) {
    const [id = ""] = args.positionals;
    if (args.options.yes !== true) {
      throw new SentientError(
        "BAD_INPUT",
        `this removes everything held about ${id}, and nothing brings it back; sentient customers export ${id} --out FILE keeps a copy; --yes goes on`,
      );
    }
    const erasure = await withOperations(args, io, (operations, actor) => operations.customers.erase(id, actor));
    const rows = Object.entries(erasure.removed);
    if (args.options.json === true) io.out(JSON.stringify(erasure));
    else {
      io.out(`${id} is erased: ${rows.map(([name, count]) => `${count} ${name.replaceAll("_", " ")}`).join(", ")}`);
      io.out(`${erasure.suppressed} hashed addresses stay, so that nothing is sent to them if they are imported again`);
    }
    return DONE;
  },
};
