import type { PGlite, PGliteOptions } from "@electric-sql/pglite";
import { type Files, type Image, restore } from "./image.ts";

/** Permitted mode bits: a store's files are owner-only. */
const OWNERS = 0o700;

export interface EngineOptions extends Pick<PGliteOptions, "initDbStartParams"> {
  /** Folder of the cluster; without it, it is in memory. */
  readonly dataDir?: string;
  /** Contents of a cluster in memory; the bytes belong to the engine from then on. Without it, a new cluster is created. */
  readonly image?: Image;
  /** Server settings, in addition to those of the engine. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Receives the contents of a cluster in memory when it has been shut down. */
  readonly onClosed?: (image: Image) => void;
}

/**
 * Starts the embedded PostgreSQL (PGlite), in memory or in a folder. PGlite creates world-writable files, whatever the process's
 * umask, so each requested mode is masked before it reaches the file system.
 */
export async function startEngine({ dataDir, image, settings = {}, onClosed, ...options }: EngineOptions): Promise<PGlite> {
  const { PGlite, MemoryFS } = await import("@electric-sql/pglite");
  const startParams = (given: Readonly<Record<string, string>>): string[] => [
    ...PGlite.defaultStartParams,
    ...Object.entries(given).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
  if (dataDir === undefined) {
    const fs = new (class extends MemoryFS {
      override async initialSyncFs() {
        if (image) restore(image, this.pg?.Module.FS as unknown as Files, PGDATA);
      }
      override async closeFs() {
        onClosed?.(new Uint8Array(await (await this.dumpTar("", "none")).arrayBuffer()));
        return super.closeFs();
      }
    })();
    return PGlite.create({ ...options, fs, startParams: startParams({ ...IN_MEMORY, ...settings }) });
  }
  const { NodeFS } = await import("@electric-sql/pglite/nodefs");
  const fs = new (class extends NodeFS {
    override async init(pg: PGlite, given: InitOptions) {
      return super.init(pg, { ...given, preRun: [...(given.preRun ?? []), (engine) => maskModes(engine as unknown as Engine)] });
    }
  })(dataDir);
  return PGlite.create({ ...options, fs, startParams: startParams(settings) });
}

// --- internal ---

/** Where the engine has its data. */
const PGDATA = "/pglite/data";

/** Data in memory needs no large cache beside it: filling that with zeros took a quarter of a start. */
const IN_MEMORY = { shared_buffers: "16MB" };

type InitOptions = Parameters<InstanceType<typeof import("@electric-sql/pglite/nodefs").NodeFS>["init"]>[1];

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

function maskModes({ NODEFS: { node_ops: nodes, stream_ops: streams } }: Engine): void {
  const masked = (mode: number): number => mode & (OWNERS | ~PERMISSIONS);
  const attributesOf = (attributes: Attributes): Attributes =>
    typeof attributes.mode === "number" ? { ...attributes, mode: masked(attributes.mode) } : attributes;
  const { mknod, setattr } = nodes;
  const { setattr: setStream } = streams;
  nodes.mknod = (parent, name, mode, device) => mknod(parent, name, masked(mode), device);
  nodes.setattr = (node, attributes) => setattr(node, attributesOf(attributes));
  streams.setattr = (stream, attributes) => setStream(stream, attributesOf(attributes));
}
