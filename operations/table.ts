import type { LookUps } from "./look-ups.ts";
import type { Operations } from "./operation.ts";
import { peopleLookUps } from "./people/table.ts";
import { customerChanges, customerLookUps } from "./table/customers.ts";
import { decided } from "./table/decided.ts";
import type { Table } from "./table/declared.ts";
import { goingOn } from "./table/going-on.ts";
import { running } from "./table/running.ts";
import { work } from "./table/work.ts";

// One line an operation. The routes of the server, their description and the client that commands use are made from it.

export const lookUpTable = {
  ...decided,
  ...goingOn,
  customers: customerLookUps,
  search: peopleLookUps.search,
} satisfies Table<LookUps>;

export const operationTable = {
  ...work,
  ...running,
  customers: customerChanges,
} satisfies Table<Operations>;
