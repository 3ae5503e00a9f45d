import type { Route } from "../entities/policy.ts";
import type { Scope } from "../values/condition.ts";
import { tagForm, tagsFor } from "../values/language-tag.ts";

/** What a delivery names as its locale where none of the written languages is the customer's. */
export const DEFAULT_LOCALE = "default";

/** A route in the language of its customer (`customer.locale`), looked up as in RFC 4647; otherwise in its default one. */
export function inLanguageOf({ customer }: Pick<Scope, "customer">, route: Route): Route {
  if (route.locales === undefined) return route;
  return typeof customer.locale === "string" ? inLocale(route, customer.locale) : route;
}

/** A route in the first language that was written for this tag; otherwise in its default one. */
export function inLocale(route: Route, tag: string): Route {
  for (const form of route.locales === undefined ? [] : tagsFor(tag)) {
    const found = route.locales?.get(form);
    if (found) return found;
  }
  return route;
}

/**
 * The route that a delivery was decided on; undefined where the experience no longer has its channel or variant. One from before there
 * were variants has the first.
 */
export function routeOfDelivery(
  routes: readonly Route[],
  { channel, variant, locale }: { readonly channel: string; readonly variant?: string | undefined; readonly locale?: string | undefined },
): Route | undefined {
  const own = routes.filter((route) => route.channel === channel);
  const route = variant === undefined ? own[0] : own.find((one) => one.variant === variant);
  return route && locale !== undefined ? (route.locales?.get(tagForm(locale)) ?? route) : route;
}
