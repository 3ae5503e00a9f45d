import type { CustomerFlag } from "../../../operations/people/requests.ts";
import type { CustomerLine } from "../../../operations/people/views.ts";
import { DONE, type Listing } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, withLookUps } from "../../operating.ts";
import { showList } from "../../views/operations.ts";
import { customerLines } from "../../views/people.ts";

interface List extends Operate, Pick<Listing, "limit"> {
  readonly flag: CustomerFlag | undefined;
}

/** Most customers of one request. */
const AT_ONCE = 200;

export async function run({ flag, limit, json, ...on }: List, io: Io): Promise<number> {
  const found = await withLookUps(on, io, async ({ customers }) => {
    const all: CustomerLine[] = [];
    let cursor: string | undefined;
    do {
      const page = await customers.list({ flag, cursor, limit: Math.min(limit - all.length, AT_ONCE) });
      all.push(...page.customers);
      cursor = page.next;
    } while (cursor !== undefined && all.length < limit);
    return all.slice(0, limit);
  });
  const none =
    flag === undefined ? "no customers have been decided yet; run or signal decides some" : `no customers with ${flag.replace("-", " ")}`;
  showList(found, customerLines, none, json, io, limit);
  return DONE;
}
