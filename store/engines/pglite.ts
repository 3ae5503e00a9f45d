import type { PGlite, PGliteOptions } from "@electric-sql/pglite";

/** Permitted mode bits: a store's files are owner-only; a template is readable for all users, as it contains no data. */
export const OWNERS = 0o700;
export const READABLE = 0o755;

/**
 * Starts the embedded PostgreSQL (PGlite), in memory or in a folder. PGlite creates world-writable files, whatever the process's
 * umask, so each requested mode is masked with `allowed` before it reaches the file system.
 */
export async function startEngine({ dataDir, ...options }: PGliteOptions, allowed = OWNERS): Promise<PGlite> {
  const { PGlite } = await import("@electric-sql/pglite");
  if (dataDir === undefined) return PGlite.create(options);
  const { NodeFS } = await import("@electric-sql/pglite/nodefs");
  const fs = new (class extends NodeFS {
    override async init(pg: PGlite, given: EngineOptions) {
      return super.init(pg, { ...given, preRun: [...(given.preRun ?? []), (engine) => maskModes(engine as unknown as Engine, allowed)] });
    }
  })(dataDir);
  return PGlite.create({ ...options, fs });
}

// --- internal ---

type EngineOptions = Parameters<InstanceType<typeof import("@electric-sql/pglite/nodefs").NodeFS>["init"]>[1];

/** The part of the engine's file system that sets modes. */
interface Engine {
  readonly NODEFS: {
    readonly node_ops: {
      mknod(parent: object, name: string, mode: number, device: number): object;
      setattr(node: object, attributes: Attributes): void;
    };
    readonly stream_ops: { setattr(stream: object, attributes: Attributes): void };
  };
}

interface Attributes {
  mode?: number;
}

/** The permission bits of a mode; the others are the file type. */
const PERMISSIONS = 0o777;

function maskModes({ NODEFS: { node_ops: nodes, stream_ops: streams } }: Engine, allowed: number): void {
  const masked = (mode: number): number => mode & (allowed | ~PERMISSIONS);
  const attributesOf = (attributes: Attributes): Attributes =>
    typeof attributes.mode === "number" ? { ...attributes, mode: masked(attributes.mode) } : attributes;
  const { mknod, setattr } = nodes;
  const { setattr: setStream } = streams;
  nodes.mknod = (parent, name, mode, device) => mknod(parent, name, masked(mode), device);
  nodes.setattr = (node, attributes) => setattr(node, attributesOf(attributes));
  streams.setattr = (stream, attributes) => setStream(stream, attributesOf(attributes));
}
