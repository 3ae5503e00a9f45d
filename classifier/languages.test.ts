import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Policy } from "../domain/entities/policy.ts";
import { aSignal } from "../testing/builders.ts";
import { policyOf } from "../testing/policy.ts";

// The same examples and the same texts in two languages: what the English stems and stop words are worth.

const EXAMPLES = {
  wants_to_cancel: {
    en: ["I want to cancel my contract", "please cancel my plan at the end of the month", "how do I end my contract"],
    de: ["ich möchte meinen Vertrag kündigen", "bitte kündigen Sie meinen Tarif zum Monatsende", "wie kann ich meinen Vertrag beenden"],
  },
  complains: {
    en: ["I want to complain about your service", "I have called three times and nobody helps", "the connection drops every day"],
    de: [
      "ich möchte mich über Ihren Service beschweren",
      "ich habe dreimal angerufen und niemand hilft",
      "die Verbindung bricht jeden Tag ab",
    ],
  },
  asks_about_bill: {
    en: ["why is my bill so high", "I do not understand this charge on my invoice", "there is a mistake in my bill"],
    de: ["warum ist meine Rechnung so hoch", "ich verstehe diese Gebühr auf der Rechnung nicht", "auf der Rechnung ist ein Fehler"],
  },
  moves_house: {
    en: ["I am moving, please change my address", "we moved house last week", "here is my new address"],
    de: ["ich ziehe um, bitte ändern Sie meine Adresse", "wir sind letzte Woche umgezogen", "hier ist meine neue Anschrift"],
  },
} as const;

const TEXTS: readonly (readonly [keyof typeof EXAMPLES | undefined, string, string])[] = [
  ["wants_to_cancel", "I would like to cancel the contract", "Ich würde gerne den Vertrag kündigen"],
  ["wants_to_cancel", "cancelling my plan, please confirm", "Hiermit kündige ich meinen Tarif, bitte bestätigen"],
  ["wants_to_cancel", "when can I end this contract", "Wann kann ich diesen Vertrag beenden"],
  ["wants_to_cancel", "My contract was to be cancelled in March", "Mein Vertrag sollte im März gekündigt werden"],
  ["complains", "I am going to complain, your service is bad", "Ich werde mich beschweren, Ihr Service ist schlecht"],
  ["complains", "nobody has helped me although I call every day", "Niemand hat mir geholfen, obwohl ich jeden Tag anrufe"],
  ["complains", "the connection dropped again today", "Die Verbindung ist heute wieder abgebrochen"],
  ["complains", "This is a complaint", "Das ist eine Beschwerde"],
  ["asks_about_bill", "my bills are much too high", "Meine Rechnungen sind viel zu hoch"],
  ["asks_about_bill", "what are these charges on the invoice", "Was sind das für Gebühren auf der Rechnung"],
  ["asks_about_bill", "the bill is wrong, there are two mistakes", "Die Rechnung stimmt nicht, da sind zwei Fehler"],
  ["asks_about_bill", "Please explain the invoice", "Bitte erklären Sie mir den Rechnungsbetrag"],
  ["moves_house", "we are moving to another house", "Wir ziehen in ein anderes Haus"],
  ["moves_house", "please update the address you have", "Bitte aktualisieren Sie die Adresse"],
  ["moves_house", "my address has changed", "Meine Adresse hat sich geändert"],
  ["moves_house", "After our move letters go to the old address", "Nach unserem Umzug geht die Post an die alte Adresse"],
  [undefined, "do you have a shop in the city centre", "Haben Sie ein Geschäft in der Innenstadt"],
  [undefined, "thank you very much and have a nice day", "Vielen Dank und einen schönen Tag"],
  [undefined, "which phone has the best camera", "Welches Handy hat die beste Kamera"],
  [undefined, "can I use my card in Switzerland", "Kann ich meine Karte in der Schweiz benutzen"],
];

type Language = "en" | "de";

const workspace = (languages: readonly Language[], more: object = {}): Policy => {
  const moments = Object.entries(EXAMPLES).map(([name, examples]) => {
    const says = languages.flatMap((language) => [...examples[language]]);
    return [name, { on: "message.received", expires: "2d", says }];
  });
  return policyOf(`moments: ${JSON.stringify({ ...Object.fromEntries(moments), ...more })}`, []);
};

const opened = (policy: Policy, text: string): string[] =>
  policy.classify(aSignal("message.received", { text }))?.map(({ name }) => name) ?? [];

function countRight(language: Language, examples: readonly Language[] = [language]): number {
  const policy = workspace(examples);
  const isRight = ([moment, en, de]: (typeof TEXTS)[number]) => opened(policy, language === "en" ? en : de).join() === (moment ?? "");
  return TEXTS.filter(isRight).length;
}

const page = readFileSync(join(import.meta.dirname, "..", "docs", "intents.md"), "utf8").replaceAll(/\s+/g, " ");

test("W19: docs/intents.md states how many of the same texts are understood in English and in German", () => {
  expect(page).toContain(`${countRight("en")} of ${TEXTS.length} in English and ${countRight("de")} of ${TEXTS.length} in German`);
});

test("W19: examples in both languages side by side understand as many texts of each", () => {
  expect(countRight("en", ["en", "de"])).toBeGreaterThanOrEqual(countRight("en"));
  expect(countRight("de", ["en", "de"])).toBeGreaterThanOrEqual(countRight("de"));
});

describe("W19: a text that says not to do something", () => {
  const keeps = ["please do not cancel my contract", "do not cancel, I want to keep my plan", "I take back my cancellation"];
  const counter = { wants_to_stay: { on: "message.received", expires: "2d", says: keeps } };
  const text = "Please don't cancel my contract";

  test("opens the moment that its words name, where nothing else is known", () => {
    expect(opened(workspace(["en"]), text)).toEqual(["wants_to_cancel"]);
  });

  test("opens a moment of its own, where counter-examples are given", () => {
    expect(opened(workspace(["en"], counter), text)).toEqual(["wants_to_stay"]);
    expect(opened(workspace(["en"], counter), "Please cancel my contract")).toEqual(["wants_to_cancel"]);
  });
});
