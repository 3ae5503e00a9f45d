import type { Query, QueryClient } from "@tanstack/react-query";

/**
 * Reads again what the page shows of something that changed; what it does not show is read when it is shown. Resolves when that is done.
 *
 * An answer under way may have been given before the change. A refetch is replaced; a first read and the next page of a list, which the
 * cache does not replace, are waited for and followed by another read.
 */
export async function lookAgain(client: QueryClient, isChanged: (queryKey: readonly unknown[]) => boolean): Promise<void> {
  const firsts = client
    .getQueryCache()
    .findAll({ type: "active", fetchStatus: "fetching", predicate: (query) => isChanged(query.queryKey) && isKept(query) });
  const after = async (query: Query): Promise<void> => {
    await query.promise?.catch(() => {});
    await client.invalidateQueries({ predicate: (one) => one === query });
  };
  const others = client.invalidateQueries({ predicate: (query) => isChanged(query.queryKey) && !firsts.includes(query) });
  await Promise.all([others, ...firsts.map(after)]);
}

// --- internal ---

/** Whether its fetch is not replaced by a newer one, or must not be, as the reader has asked for it. */
const isKept = ({ state }: Query): boolean => state.data === undefined || Boolean(state.fetchMeta?.fetchMore);
