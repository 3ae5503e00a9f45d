/**
 * Planner settings: each statement is planned once, with index access for every row. Our statements touch a few dozen rows of
 * tables that grow without bound. A plan made while a table is small would otherwise be a sequential scan for as long as the plan is
 * cached, and planning each time costs more than running.
 */
export const PLANNING: Readonly<Record<string, string>> = {
  plan_cache_mode: "force_generic_plan",
  // Makes the number of rows touched decide: by default costs, scanning a table that is still small is as good as an index lookup.
  cpu_tuple_cost: "1",
  cpu_index_tuple_cost: "1",
  // Avoids bitmap scans for a few rows: building the bitmap costs more than reading them.
  random_page_cost: "1",
  enable_seqscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
  // The high costs above would trigger JIT compilation, which costs more than it saves.
  jit: "off",
};
