import { describe, expect, test } from "vitest";
import { isKnownTag, languageName, tagForm, tagsFor } from "./language-tag.ts";

test.each([
  ["pt-BR", "pt-br"],
  ["pt_br", "pt-br"],
  [" DE ", "de"],
])("%s is compared as %s", (tag, form) => {
  expect(tagForm(tag)).toBe(form);
});

describe("lookup (RFC 4647, 3.4)", () => {
  test.each([
    ["de", ["de"]],
    ["de-AT", ["de-at", "de"]],
    ["de_AT", ["de-at", "de"]],
    ["zh-Hant-CN-x-private1-private2", ["zh-hant-cn-x-private1-private2", "zh-hant-cn-x-private1", "zh-hant-cn", "zh-hant", "zh"]],
    ["en-a-bbb-x-a", ["en-a-bbb-x-a", "en-a-bbb", "en"]],
    ["de_AT.UTF-8", ["de-at", "de"]],
    ["de-AT,de;q=0.9", ["de-at", "de"]],
    ["", []],
    ["*", []],
    ["?", []],
    ["x".repeat(5_000), ["x".repeat(60)]],
    ["--", []],
  ])("%s", (language, tags) => {
    expect(tagsFor(language)).toEqual(tags);
  });
});

test.each([
  ["de", true],
  ["pt-BR", true],
  ["pt_br", true],
  ["zh-Hant-TW", true],
  ["es-419", true],
  ["sr-Latn", true],
  ["xq", false],
  ["german", false],
  ["de-QX", false],
  ["de-Deutschland", false],
  ["en--US", false],
  ["", false],
  ["default", false],
])("whether %s is known: %s", (tag, isKnown) => {
  expect(isKnownTag(tag)).toBe(isKnown);
});

test.each([
  ["pt-BR", "Brazilian Portuguese"],
  ["de_AT", "Austrian German"],
  ["no such", "no such"],
])("%s is %s", (tag, name) => {
  expect(languageName(tag)).toBe(name);
});
