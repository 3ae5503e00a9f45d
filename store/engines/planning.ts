/**
 * How statements are planned: once, and so that every row is found by its index. Ours touch a few dozen rows of tables that
 * grow without end. A plan that was made while a table was small would read all of it for as long as the plan is kept, and
 * planning anew each time costs more than running.
 */
export const PLANNING: Readonly<Record<string, string>> = {
  plan_cache_mode: "force_generic_plan",
  // What counts is how many rows are touched: by cost, reading all of a table that is still small is as good as looking rows up.
  cpu_tuple_cost: "1",
  cpu_index_tuple_cost: "1",
  // Else a few rows are read by way of a bitmap of their pages, which costs more than they do, each time anew.
  random_page_cost: "1",
  enable_seqscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
  // A table that has no index for what is asked costs what it costs; compiling code for it would cost more.
  jit: "off",
};
