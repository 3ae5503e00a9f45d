import { randomUUID } from "node:crypto";
import { openCursor, sealCursor } from "../../domain/values/cursor.ts";
import type { Json, JsonObject } from "../../domain/values/json.ts";
import type { Store } from "../../store/store.ts";
import { cursorKey } from "../deps.ts";
import type { List, Page, Paged } from "../operation.ts";
import type { PageOf } from "./views.ts";

/** The source of a list's rows, and how they are shown. */
export interface Source<Options extends Page, Row, Entry> {
  /** The first rows, or those after a place, in the order in which pages follow each other. */
  read(options: Options, after: Json | undefined): Promise<readonly Row[]>;
  place(row: Row): Json;
  show(rows: readonly Row[]): Entry[];
}

/** A list that is read page by page where the request says so. The cursor is bound to the filter of the list. */
export function pagedList<Options extends Page, const Name extends string, Row, Entry>(
  store: Pick<Store, "settingOnce">,
  name: Name,
  { read, place, show }: Source<Options, Row, Entry>,
): List<Options, Name, Entry> {
  async function list({ paged, cursor, ...given }: Options & Partial<Paged>): Promise<Entry[] | PageOf<Name, Entry>> {
    const options = given as unknown as Options; // what is left of them
    if (paged !== true) return show(await read(options, undefined));
    const filter = { list: name, ...filterOf(options) };
    const key = await cursorKey(store, randomUUID);
    const { limit } = options;
    const found = await read({ ...options, limit: limit + 1 }, cursor === undefined ? undefined : openCursor(key, filter, cursor));
    const rows = found.slice(0, limit);
    const last = found.length > limit ? rows.at(-1) : undefined;
    const page = { [name]: show(rows), ...(last === undefined ? {} : { next: sealCursor(key, filter, place(last)) }) };
    return page as PageOf<Name, Entry>; // by the line above
  }
  return list as List<Options, Name, Entry>; // `paged` decides which of its answers it is
}

/** The filter of a request: all that is given but how many rows a page has. */
export const filterOf = (options: object): JsonObject =>
  Object.fromEntries(
    Object.entries(options).filter(([name, value]) => name !== "limit" && name !== "cursor" && value !== undefined && value !== false),
  ) as JsonObject; // options are words, numbers and flags
