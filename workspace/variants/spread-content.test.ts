import { describe, expect, test } from "vitest";
import { checkTexts } from "../../testing/policy.ts";
import { describeProblem } from "../problem.ts";

const CHANNELS = "channels: {mail: {kind: smtp}, box: {kind: file}, hook: {kind: webhook}, desk: {kind: human, queue: all}}";

/** Problems of a content, without the file and the path of its channels; the texts of lines are of one line. */
function problemsOf(content: string, settings = ""): string[] {
  const checked = checkTexts(`${CHANNELS}\n${settings}`, [`channels: {${content}}`], { templates: { "a.liquid": "A" } });
  return checked.ok ? [] : checked.problems.map(describeProblem).map((text) => text.replace("experiences/0.yaml:1: channels.", ""));
}

/** What check notes about a content. */
function notesOf(experiences: readonly string[], settings: string): string[] {
  const { notes = [] } = checkTexts(`${CHANNELS}\n${settings}`, experiences);
  return notes.map(({ file, path, message }) => `${file.replace("experiences/", "")} ${path}: ${message}`);
}

test.each([
  ["box: {text: Hi, locales: {german: {text: Hallo}}}", "box.locales.german: unknown language tag german; expected one like de or pt-BR"],
  ["box: {text: Hi, locales: {de-QX: {text: Hallo}}}", "box.locales.de-QX: unknown language tag de-QX; expected one like de or pt-BR"],
  ["box: {text: Hi, locales: {pt-BR: {text: A}, pt_br: {text: B}}}", "box.locales.pt_br: pt-BR is the same tag"],
  ["box: {text: Hi, locales: [de]}", "box.locales: expected languages by tag, like {de: {...}, pt-BR: {...}}"],
  ["box: {text: Hi, locales: {de: Hallo}}", "box.locales.de: expected what stands in this language, like {text: ...}"],
  ["box: {text: Hi, locale: {de: {text: Hallo}}}", "box: unknown key locale; did you mean locales?"],
  ["box: {text: Hi, locales: {de: {locales: {}}}}", /^box.locales.de: unknown key locales; expected one of /],
  ["box: {text: Hi, locales: {de: {txt: Hallo}}}", "box.locales.de: unknown key txt; did you mean text?"],
  ["box: {text: Hi, locales: {de: {text: '{{ customer'}}}", /^box.locales.de.text: /],
  ["mail: {subject: Hi, body: B, locales: {de: {subject: 7}}}", /^mail.locales.de.subject: /],
  [
    "mail: {subject: Hi, body: B, locales: {de: {template: b.liquid}}}",
    "mail.locales.de.template: unknown template b.liquid; did you mean a.liquid?",
  ],
  ["mail: {subject: Hi, body: B, locales: {de: {template: a.liquid, body: A}}}", "mail.locales.de: expected either body or template"],
  ["box: {variants: {}}", "box.variants: expected variants by name, like {short: {...}, story: {...}}"],
  ["box: {variants: [short]}", "box.variants: expected variants by name, like {short: {...}, story: {...}}"],
  ["box: {variants: {short: Hi}}", "box.variants.short: expected what this variant says, like {text: ...}"],
  ["box: {variants: {'a b': {text: Hi}}}", "box.variants.a b: expected a name of letters, digits, dots, dashes and underscores"],
  ["box: {variants: {short: {variants: {a: {text: A}}, text: B}}}", /^box.variants.short: unknown key variants/],
  ["box: {variant: {short: {text: Hi}}}", "box: unknown key variant; did you mean variants?"],
  ["mail: {subject: Hi, variants: {short: {body: A}, story: {}}}", "mail.variants.story: expected either body or template"],
  ["mail: {body: A, variants: {short: {subject: A}, story: {}}}", /^mail.variants.story.subject: /],
])("W12: %s", (content, problem) => {
  expect(problemsOf(content).join("\n")).toEqual(typeof problem === "string" ? problem : expect.stringMatching(problem));
});

test("what variants share is told once, where it stands", () => {
  expect(problemsOf("mail: {subject: '{{ customer', variants: {a: {body: A, locales: {de: {body: A}}}, b: {body: B}}}")).toEqual([
    expect.stringMatching(/^mail.subject: /),
  ]);
  expect(problemsOf("mail: {sbject: A, subject: S, variants: {a: {body: A}, b: {body: B}}}")).toEqual([
    "mail: unknown key sbject; did you mean subject?",
  ]);
});

test("required fields are asked of the whole: what a variant and the content beside it say together", () => {
  expect(problemsOf("mail: {subject: Hi, variants: {short: {body: A}, story: {template: a.liquid}}}")).toEqual([]);
  expect(problemsOf("mail: {variants: {short: {subject: A, body: A}, story: {subject: B}}}")).toEqual([
    expect.stringMatching(/^mail\.variants\.story.*body/),
  ]);
  expect(problemsOf("mail: {locales: {de: {subject: A, body: A}}}")).not.toEqual([]);
  expect(problemsOf("mail: {variants: {short: {subject: A, body: A}, story: {subject: B, body: B}}}")).toEqual([]);
});

test("conditions in a text of another language are checked like all", () => {
  expect(problemsOf("box: {text: Hi, locales: {de: {text: '{{ customer.a | money: \"EURO\" }}'}}}").join()).toMatch(/no currency/);
  expect(problemsOf("box: {text: Hi, locales: {de: {text: '{{ moment.name == \"nn\" }}'}}}")).toEqual(
    problemsOf("box: {text: '{{ moment.name == \"nn\" }}'}").map((text) => text.replace("box.text", "box.locales.de.text")),
  );
});

describe("languages", () => {
  const BRAND = "brand: {languages: [en, de, fr]}";
  const missing = (languages: string, def: string) =>
    `brand.languages has ${languages}, and it is not written in ${languages.includes(" and ") ? "them" : "it"}: these customers get the text in ${def}`;

  test("languages of the brand that are missing are named: all but the one that the content beside is in", () => {
    expect(notesOf(["channels: {box: {text: Hi, locales: {de: {text: Hallo}}}}"], BRAND)).toEqual([
      `0.yaml channels.box.locales: ${missing("fr", "en")}`,
    ]);
    // Only those who name the region get it.
    expect(notesOf(["channels: {box: {text: Salut, locales: {de: {text: Hallo}, en-GB: {text: Hi}}}}"], BRAND)).toEqual([
      `0.yaml channels.box.locales: ${missing("en", "fr")}`,
    ]);
    expect(notesOf(["channels: {box: {text: Hi, locales: {de: {text: Hallo}, fr: {text: Salut}}}}"], BRAND)).toEqual([]);
    expect(notesOf(["channels: {box: {text: Salut, locales: {de: {text: Hallo}, en: {text: Hi}}}}"], BRAND)).toEqual([]);
  });

  test("also of contents in one language, where others of the workspace are in several; what is for colleagues or programs is left out", () => {
    const one = "id: one\nchannels: {box: {text: Hi}, hook: {payload: {a: Hi}}, desk: {summary: Call}}";
    const two = "id: two\nchannels: {box: {text: Hi, locales: {de: {text: A}, fr: {text: B}}}}";
    expect(notesOf([one], BRAND)).toEqual([]);
    expect(notesOf([one, two], BRAND)).toEqual([`0.yaml channels.box: ${missing("de and fr", "en")}`]);
  });

  test("each variant is looked at by itself", () => {
    expect(
      notesOf(
        ["channels: {box: {variants: {a: {text: A, locales: {de: {text: A}, fr: {text: A}}}, b: {text: B, locales: {de: {text: B}}}}}}"],
        BRAND,
      ),
    ).toEqual([`0.yaml channels.box.variants.b.locales: ${missing("fr", "en")}`]);
  });

  test("what a language leaves as it stands beside it is named, where it has words", () => {
    const content = "channels: {mail: {subject: Hi, body: Words, locales: {de: {subject: Hallo}}}}";
    expect(notesOf([content], "brand: {languages: [en, de]}")).toEqual([
      "0.yaml channels.mail.locales.de: it has no body, and goes out with the one in another language",
    ]);
    const bare = "channels: {mail: {subject: '{{ customer.name }}', body: '<p>{{ customer.text }}</p>', locales: {de: {body: Hallo}}}}";
    expect(notesOf([bare], "brand: {languages: [en, de]}")).toEqual([]);
  });

  test("a language of the brand that is no tag is named", () => {
    expect(notesOf([""], "brand: {languages: [English, de]}")).toEqual([
      "sentient.yaml brand.languages.0: English is no language tag that is known; expected one like en or pt-BR",
    ]);
  });
});
