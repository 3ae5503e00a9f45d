import type { ReadSignal } from "../domain/entities/signal.ts";
import { OPERATORS } from "../domain/record/merge.ts";

/** A signal from outside must not carry the source of operators: what comes from that source is believed. */
export const notInOperatorsName = (reading: ReadSignal): ReadSignal =>
  reading.ok && reading.event.source === OPERATORS
    ? { ok: false, problem: `source: ${OPERATORS} is what operators say through their own commands; name another source` }
    : reading;
