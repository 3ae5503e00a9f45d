import { importCustomers, readCustomers } from "../../runtime/import-customers.ts";
import { type Command, DONE, FAILED } from "../command.ts";
import { withStore, workspaceOfStore } from "../with-store.ts";

export const command: Command = {
  run: (args, io) =>
    withStore(args, io, async (store) => {
      const file = args.positionals[0] ?? "";
      const { lines, problems } = readCustomers(file);
      const { policy } = await workspaceOfStore(args, io, store);
      const { imported, unchanged } = await importCustomers(lines, io.now(), store, policy);
      for (const { line, problem } of problems) io.warn(`${io.paint.red("✗")} ${file}:${line}: ${problem}`);
      if (args.options.json === true) io.out(JSON.stringify({ imported, unchanged, problems }));
      else io.out(`${imported} imported, ${unchanged} known already, ${problems.length} not taken`);
      return problems.length > 0 ? FAILED : DONE;
    }),
};
