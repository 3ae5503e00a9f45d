import { prepareStore } from "../../runtime/open-store.ts";
import { type Command, DONE } from "../command.ts";

/** Runs after installation, so that the first start does not have to wait for it. */
export const command: Command = {
  async run(_args, { note }) {
    await prepareStore(() => note("preparing the embedded store …"));
    return DONE;
  },
};
