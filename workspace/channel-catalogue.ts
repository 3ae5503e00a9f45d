import type { z } from "zod";
import type { AddressType, ConsentDefault, ContentField } from "../domain/entities/policy.ts";

/** The part of a channel declaration that checking and compiling a workspace needs. */
export interface ChannelDeclaration {
  readonly kind: string;
  readonly options: z.ZodObject;
  readonly content: z.ZodObject;
  readonly text?: Readonly<Record<string, ContentField>>;
  readonly address?: AddressType;
  readonly consent?: ConsentDefault;
  readonly makesTask?: boolean;
  readonly isAsked?: boolean;
  readonly services?: boolean;
}

/** A service that sends webhooks for a channel, by its name in `inbound.provider`. */
export interface ServiceDeclaration {
  readonly provider: string;
  readonly options: z.ZodObject;
}

/** All valid values of `kind:` and `inbound.provider:` in `sentient.yaml`. */
export interface ChannelCatalogue {
  readonly channels: readonly ChannelDeclaration[];
  readonly providers: readonly ServiceDeclaration[];
}

export const declarationOf = ({ channels }: ChannelCatalogue, kind: unknown): ChannelDeclaration | undefined =>
  channels.find((channel) => channel.kind === kind);
