import { randomUUID } from "node:crypto";
import { openCursor, sealCursor } from "../../domain/values/cursor.ts";
import type { Json, JsonObject } from "../../domain/values/json.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Store } from "../../store/store.ts";
import { cursorKey } from "../deps.ts";
import type { List, Page, Paged } from "../operation.ts";
import type { PageOf } from "./views.ts";

/** The source of a list's rows, and how they are shown. */
export interface Source<Options extends Page, Row, Entry> {
  /**
   * The first rows in the order in which pages follow each other; for a page those after a place. A page with a filter may end before it is
   * full: `reached` is the last row that it has read.
   */
  read(options: Options, page: { readonly after?: Json | undefined } | undefined): Promise<Rows<Row>>;
  place(row: Row): Json;
  show(rows: readonly Row[]): Entry[] | Promise<Entry[]>;
}

export interface Rows<Row> {
  readonly rows: readonly Row[];
  readonly reached?: Row;
}

/** A list that is read page by page where the request says so. The cursor is bound to the filter of the list. */
export function pagedList<Options extends Page, const Name extends string, Row, Entry>(
  store: Pick<Store, "settingOnce">,
  name: Name,
  { read, place, show }: Source<Options, Row, Entry>,
): List<Options, Name, Entry> {
  async function list({ paged, cursor, ...given }: Options & Partial<Paged>): Promise<Entry[] | PageOf<Name, Entry>> {
    const options = given as unknown as Options; // what is left of them
    if (paged !== true) return show((await read(options, undefined)).rows);
    const filter = { list: name, ...filterOf(options) };
    const key = await cursorKey(store, randomUUID);
    const { limit } = options;
    const after = cursor === undefined ? undefined : openCursor(key, filter, cursor);
    const { rows: found, reached } = await read({ ...options, limit: limit + 1 }, { after });
    const rows = found.slice(0, limit);
    const last = found.length > limit ? rows.at(-1) : reached;
    const page = { [name]: await show(rows), ...(last === undefined ? {} : { next: sealCursor(key, filter, place(last)) }) };
    return page as PageOf<Name, Entry>; // by the line above
  }
  return list as List<Options, Name, Entry>; // `paged` decides which of its answers it is
}

/** A page as a list of the store takes it: its place was sealed as one of that list. */
export type PageFrom<Place> = { readonly after?: Place | undefined } | undefined;

/** Rows with the instant at which they were read. */
export const withNow = <Row>({ rows, reached }: Rows<Row>, at: Instant): Rows<{ readonly one: Row; readonly at: Instant }> => ({
  rows: rows.map((one) => ({ one, at })),
  ...(reached === undefined ? {} : { reached: { one: reached, at } }),
});

/** The filter of a request: all that is given but how many rows a page has. */
export const filterOf = (options: object): JsonObject =>
  Object.fromEntries(
    Object.entries(options).filter(([name, value]) => name !== "limit" && name !== "cursor" && value !== undefined && value !== false),
  ) as JsonObject; // options are words, numbers and flags
