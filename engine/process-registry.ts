import { every } from "../concurrency/periodic.ts";
import type { Catalogue } from "../delivery/catalogue.ts";
import type { ToolDeps } from "../delivery/tool-deps.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { experienceOf } from "../domain/entities/policy.ts";
import { absenceTimer } from "../domain/moments/moments.ts";
import { SECOND } from "../domain/values/time.ts";
import type { KeptDelivery, Knowledge, Store } from "../store/store.ts";
import type { Log } from "../telemetry/log.ts";
import { errorFields } from "../telemetry/log.ts";

/** This process in the registry of deciding processes. */
export interface RegisteredProcess {
  readonly processId: string;
  stop(): Promise<void>;
}

export interface RegisterOptions {
  readonly store: Store;
  readonly catalogue: Catalogue<Pick<ToolDeps, "policy" | "tools">>;
  readonly newId: () => string;
}

/**
 * Registers the capabilities of this process before it claims work, and renews the entry by heartbeat, as of the version that it decides by.
 * While it cannot run the version in force it is not registered: nothing may wait for it.
 */
export async function registerProcess({ store, catalogue, newId }: RegisterOptions, log: Log): Promise<RegisteredProcess> {
  const processId = newId();
  const announce = async (): Promise<void> => {
    if (catalogue.whyNot() !== undefined) return store.processes.leave(processId);
    const { policy, tools } = catalogue.current();
    await store.processes.announce({ processId, policyVersion: policy.version, knows: capabilitiesOf(policy, [...tools.keys()]) });
  };
  await announce();
  const heartbeat = every({
    everyMs: HEARTBEAT_MS,
    run: announce,
    // One whose connection hangs must not let the others take this process for dead.
    mayOverlap: true,
    onError: (error) => log.warn("heartbeat failed; it is retried", errorFields(error)),
  });
  heartbeat.start();
  return {
    processId,
    stop: async () => {
      // A heartbeat in flight would register the process again after it has left.
      await heartbeat.stop();
      await store.processes.leave(processId).catch(() => {});
    },
  };
}

/** Whether a process with this policy can carry out a delivery; otherwise the delivery waits for a process that can. */
export const canCarryOut = ({ channel, experienceId }: Pick<KeptDelivery, "channel" | "experienceId">, policy: Policy): boolean =>
  Object.hasOwn(policy.channels, channel) && experienceOf(policy, experienceId) !== undefined;

// --- internal ---

const HEARTBEAT_MS = 10 * SECOND;

/** Channels, tools and experiences of this process, and the signal types it reacts to. */
function capabilitiesOf(policy: Policy, tools: readonly string[]): Knowledge {
  const moments = policy.moments.flatMap(({ name, on, closes, absent }) => [
    ...[...on, ...closes].map((type) => `${type}\n${name}`),
    ...(absent ? [`${absent.signal}\n${name}`, `${absenceTimer(name)}\n${name}`] : []),
  ]);
  const promises = policy.promises.flatMap(({ name, opens, closes }) => [...opens, ...closes].map((type) => `${type}\npromise ${name}`));
  return {
    channels: Object.keys(policy.channels),
    tools,
    experiences: policy.experiences.map(({ id }) => id),
    hears: [...new Set([...moments, ...promises])],
  };
}
