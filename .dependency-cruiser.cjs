// The layer table of ARCHITECTURE.md, enforced. A folder may import what its row allows, and nothing else.
const layers = {
  domain: [],
  config: ["domain"],
  prompts: ["domain"],
  workspace: ["domain"],
  store: ["domain"],
  models: ["domain"],
  channels: ["domain"],
  queue: ["domain"],
  tools: ["domain", "store", "channels"],
  agents: ["domain", "prompts", "tools"],
  graphs: ["domain", "agents"],
  runtime: ["domain", "config", "prompts", "workspace", "store", "models", "channels", "queue", "tools", "agents", "graphs"],
  server: ["domain", "runtime"],
  evals: ["domain", "config", "prompts", "models", "agents", "graphs", "runtime", "workspace", "testing"],
  cli: ["domain", "config", "workspace", "runtime", "server", "evals"],
};

// Each foreign library has one home, so that it can be replaced there.
const homes = {
  "@langchain/langgraph": ["graphs"],
  "@langchain/core": ["agents", "tools"],
  langchain: ["agents", "tools"],
  bullmq: ["queue"],
  ioredis: ["queue"],
  hono: ["server"],
  "@hono/node-server": ["server"],
  pg: ["store"],
  "@electric-sql/pglite": ["store"],
  openai: ["models"],
  liquidjs: ["workspace"],
  "@marcbachmann/cel-js": ["workspace"],
  yaml: ["workspace", "evals"],
  nodemailer: ["channels"],
  "web-push": ["channels"],
  mrml: ["channels"],
  htmlparser2: ["domain"],
  "@opentelemetry": ["runtime"],
  esbuild: ["cli", "runtime"],
};

const isTest = "\\.(int\\.)?test\\.ts$|\\.contract\\.ts$|^testing/|^bench/";

module.exports = {
  forbidden: [
    ...Object.entries(layers).map(([folder, allowed]) => ({
      name: `layer-${folder}`,
      comment: `${folder}/ may import ${allowed.length > 0 ? allowed.join(", ") : "nothing of ours"}`,
      severity: "error",
      from: { path: `^${folder}/`, pathNot: isTest },
      to: {
        path: `^(${[...Object.keys(layers), "testing", "bench", "console", "examples"].join("|")})/`,
        pathNot: `^(${[folder, ...allowed].join("|")})/`,
      },
    })),
    ...Object.entries(homes).map(([library, folders]) => ({
      name: `home-of-${library}`,
      comment: `${library} belongs to ${folders.join(", ")}`,
      severity: "error",
      from: { pathNot: `${isTest}|^(${folders.join("|")})/|\\.config\\.ts$` },
      to: { path: `node_modules/${library}/` },
    })),
    {
      name: "domain-is-pure",
      comment: "domain/ uses zod and the tokenizer of HTML, and of Node only hashing",
      severity: "error",
      from: { path: "^domain/", pathNot: isTest },
      to: { pathNot: ["^domain/", "node_modules/(zod|htmlparser2)/", "^(node:)?crypto$"] },
    },
    { name: "no-circles", severity: "error", from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } } },
    { name: "no-orphans", severity: "error", from: { orphan: true, path: "^[a-z]+/", pathNot: `${isTest}|^examples/` }, to: {} },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(node_modules|coverage|docs)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "node", "default"],
      extensions: [".ts", ".js", ".json"],
    },
  },
};
