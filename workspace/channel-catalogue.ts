import type { z } from "zod";
import type { AddressType, ConsentDefault, ContentField } from "../domain/entities/policy.ts";

/** The part of a channel's declaration that a workspace is checked and compiled against. */
export interface ChannelDeclaration {
  readonly kind: string;
  readonly options: z.ZodObject;
  readonly content: z.ZodObject;
  readonly text?: Readonly<Record<string, ContentField>>;
  readonly address?: AddressType;
  readonly consent?: ConsentDefault;
  readonly makesTask?: boolean;
  readonly services?: boolean;
}

/** A service whose webhooks may be read for a channel, by the name in `inbound.provider`. */
export interface ServiceDeclaration {
  readonly provider: string;
  readonly options: z.ZodObject;
}

/** All that `sentient.yaml` may name after `kind:` and `inbound.provider:`. */
export interface ChannelCatalogue {
  readonly channels: readonly ChannelDeclaration[];
  readonly providers: readonly ServiceDeclaration[];
}

export const declarationOf = ({ channels }: ChannelCatalogue, kind: unknown): ChannelDeclaration | undefined =>
  channels.find((channel) => channel.kind === kind);
