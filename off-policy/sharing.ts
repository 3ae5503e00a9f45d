/** Gives back the first of equal lists: a log of a million decisions has few contexts and few sets of choices, which rows share. */
export function sharingLists(): (list: readonly string[]) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return (list) => {
    const key = JSON.stringify(list);
    const first = known.get(key) ?? list;
    if (first === list) known.set(key, list);
    return first;
  };
}
