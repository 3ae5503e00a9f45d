import { SentientError } from "../../../domain/errors.ts";
import { type Acting, DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, withOperations } from "../../operating.ts";

interface Erase extends Operate, Acting {
  readonly id: string;
  readonly yes: boolean;
}

export async function run({ id, yes, json, ...on }: Erase, io: Io): Promise<number> {
  if (!yes) {
    throw new SentientError(
      "BAD_INPUT",
      `this removes everything held about ${id} and cannot be undone; npx sentient customers export ${id} --out FILE keeps a copy; --yes confirms`,
    );
  }
  const erasure = await withOperations(on, io, (operations, actor) => operations.customers.erase({ id }, actor));
  const rows = Object.entries(erasure.removed);
  if (json) io.out(JSON.stringify(erasure));
  else {
    io.out(`${id} is erased: ${rows.map(([name, count]) => `${count} ${name.replaceAll("_", " ")}`).join(", ")}`);
    io.out(`${erasure.suppressed} hashed addresses stay, so that nothing is sent to them if they are imported again`);
  }
  return DONE;
}
