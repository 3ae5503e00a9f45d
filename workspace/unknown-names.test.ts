import { describe, expect, test } from "vitest";
import { checkTexts, type GivenFiles } from "../testing/policy.ts";
import { KnownData } from "./known-data.ts";
import { describeProblem } from "./problem.ts";
import { notesOnNames } from "./unknown-names.ts";

interface GivenData {
  /** Traits of customers. */
  readonly traits?: readonly object[];
  /** Data of signals by type. */
  readonly signals?: Readonly<Record<string, readonly object[]>>;
}

function notesOf(settings: string, experiences: readonly string[], { traits = [], signals = {} }: GivenData, files?: GivenFiles): string[] {
  const checked = checkTexts(settings, experiences, files);
  if (!checked.ok) throw new Error(checked.problems.map(describeProblem).join("\n"));
  const known = new KnownData();
  for (const one of traits) known.customer(one);
  for (const [type, list] of Object.entries(signals)) for (const data of [{}, ...list]) known.signal(type, data);
  return notesOnNames(checked.dataNames, known).map(describeProblem);
}

const GO = { go: [{ percent: 80, order: { lines: [{ sku: "a" }] } }] };
const ANN = [{ name: "Ann", contract: { endsOn: "2026-06-01" }, lines: [{ active: true }] }];

describe("W12: signal types that no data know", () => {
  const signals = { "outage.started": [{}], go: [{}] };

  test.each<[string, string, string]>([
    [
      "on",
      "moments:\n  m: {on: outage.startd, expires: 1d}",
      "sentient.yaml:2: moments.m.on: unknown signal type outage.startd; did you mean outage.started?",
    ],
    [
      "on, in a list",
      "moments:\n  m: {on: [go, clock.dayly], expires: 1d}",
      "sentient.yaml:2: moments.m.on.1: unknown signal type clock.dayly; did you mean clock.daily?",
    ],
    [
      "closes",
      "moments:\n  m: {on: go, expires: 1d, closes: outage.ended}",
      "sentient.yaml:2: moments.m.closes: unknown signal type outage.ended; no signal in signals.jsonl and evals has it",
    ],
    [
      "absent",
      "moments:\n  m: {absent: {signal: gone, for: 3d}, expires: 1d}",
      "sentient.yaml:2: moments.m.absent.signal: unknown signal type gone; no signal in signals.jsonl and evals has it",
    ],
    [
      "opens of a promise",
      "promises:\n  p: {opens: outge.started, due: 1d, owner: x}",
      "sentient.yaml:2: promises.p.opens: unknown signal type outge.started; did you mean outage.started?",
    ],
    [
      "closes of a promise",
      "promises:\n  p: {opens: go, closes: [done], due: 1d, owner: x}",
      "sentient.yaml:2: promises.p.closes.0: unknown signal type done; no signal in signals.jsonl and evals has it",
    ],
    [
      "suppress after",
      "governance:\n  suppress:\n    - {after: {signal: delivery.complaint}, for: 1d}",
      "sentient.yaml:3: governance.suppress.0.after.signal: unknown signal type delivery.complaint; did you mean delivery.complained?",
    ],
    [
      "count()",
      "moments:\n  m: {on: go, expires: 1d, when: \"count('outage.startd', '1d') > 1\"}",
      "sentient.yaml:2: moments.m.when: unknown signal type outage.startd; did you mean outage.started?",
    ],
    [
      "signal.type",
      "moments:\n  m: {on: go, expires: 1d, when: 'signal.type == \"went\"'}",
      "sentient.yaml:2: moments.m.when: unknown signal type went; no signal in signals.jsonl and evals has it",
    ],
  ])("%s", (_, settings, note) => {
    expect(notesOf(settings, [""], { signals })).toContainEqual(note);
    expect(notesOf(settings, [""], {})).toEqual([]);
  });

  test("success", () => {
    expect(notesOf("", ["success:\n  signal: outage.ended"], { signals })).toEqual([
      "experiences/0.yaml:2: success.signal: unknown signal type outage.ended; no signal in signals.jsonl and evals has it",
    ]);
  });

  test("what the data or the built-in list know is not noted", () => {
    const settings = "moments: {m: {on: [go, delivery.ignored, message.received], closes: outage.started, expires: 1d}}";
    expect(notesOf(settings, [""], { signals })).toEqual([]);
  });
});

describe("W12: fields that no data know", () => {
  test.each<[string, string, string]>([
    [
      "a misspelt step",
      "eligibility:\n  - customer.contract.endOn == 'x'",
      "experiences/0.yaml:2: eligibility.0: unknown field customer.contract.endOn; did you mean customer.contract.endsOn?",
    ],
    [
      "a misspelt first step",
      "applicability: ['has(customer.contrct.endsOn)']",
      "experiences/0.yaml:1: applicability.0: unknown field customer.contrct.endsOn; did you mean customer.contract.endsOn?",
    ],
    [
      "a step left out",
      "suitability: [daysUntil(customer.endsOn) < 3]",
      "experiences/0.yaml:1: suitability.0: unknown field customer.endsOn; did you mean customer.contract.endsOn?",
    ],
    [
      "a field of an item",
      "eligibility: ['customer.lines.exists(l, l.activ)']",
      "experiences/0.yaml:1: eligibility.0: unknown field customer.lines[].activ; no record in customers.jsonl, signals.jsonl and evals has it",
    ],
    [
      "a field of a plain value",
      "eligibility: [customer.name.frst == 'x']",
      "experiences/0.yaml:1: eligibility.0: unknown field customer.name.frst; no record in customers.jsonl, signals.jsonl and evals has it",
    ],
    [
      "a text",
      "channels:\n  box:\n    text: 'Dear {{ customer.nam }}'",
      "experiences/0.yaml:3: channels.box.text: unknown field customer.nam; did you mean customer.name?",
    ],
    [
      "an optional read",
      "channels: {box: {text: \"{{ customer.nick | default: 'you' }}\"}}",
      "experiences/0.yaml:1: channels.box.text: unknown field customer.nick; no record in customers.jsonl, signals.jsonl and evals has it",
    ],
    [
      "an action",
      "action:\n  tool: open_case\n  input: {subject: '{{ customer.nam }}'}",
      "experiences/0.yaml:3: action.input.subject: unknown field customer.nam; did you mean customer.name?",
    ],
    [
      "an item of a built-in list",
      "eligibility: ['customer.promises.exists(p, p.nmae == \"reply\")']",
      "experiences/0.yaml:1: eligibility.0: unknown field nmae of customer.promises; did you mean name?",
    ],
  ])("%s", (_, experience, note) => {
    expect(notesOf("", [experience], { traits: ANN })).toEqual([note]);
    if (!experience.includes("promises")) expect(notesOf("", [experience], {})).toEqual([]);
  });

  test("settings of the record and of learning", () => {
    const settings = "record:\n  fields:\n    contract.endOn: {maxAge: 3d}\nlearning:\n  features: [customer.segment]";
    expect(notesOf(settings, [""], { traits: ANN })).toEqual([
      "sentient.yaml:3: record.fields.contract.endOn: unknown field customer.contract.endOn; did you mean customer.contract.endsOn?",
      "sentient.yaml:5: learning.features.0: unknown field customer.segment; no record in customers.jsonl, signals.jsonl and evals has it",
    ]);
  });

  test("a template is noted at its own line, once", () => {
    const experience = (id: string) => `id: ${id}\nchannels: {mail: {subject: Hi, template: letter.liquid}}`;
    const templates = {
      "letter.liquid": "Dear {{ customer.name }}\n{% render 'foot', customer: customer.name %}{{ customer.nam }}",
      "foot.liquid": "x",
    };
    const settings = "channels: {mail: {kind: smtp}}";
    expect(notesOf(settings, [experience("a"), experience("b")], { traits: ANN }, { templates })).toEqual([
      "templates/letter.liquid:2: unknown field customer.nam; did you mean customer.name?",
    ]);
  });

  test("known fields, built-in ones, and what a list or text has are not noted", () => {
    const conditions = [
      "customer.contract.endsOn != ''",
      "customer.lines[0].active",
      "customer.openCases == 0",
      "customer.stage == 'x'",
      "customer.contract[signal.type] == 'x'",
    ];
    const text =
      "{{ customer.locale }} {{ customer.lines.size }} {{ customer.lines[0].active }} {{ customer.name.size }} {{ customer.lines.first.active }}";
    const experience = `eligibility: ${JSON.stringify(conditions)}\nchannels: {box: {text: ${JSON.stringify(text)}}}`;
    expect(notesOf("", [experience], { traits: ANN })).toEqual([]);
  });

  test("a field that only a signal's traits, or the tool update_traits, sets is known", () => {
    const asked = "eligibility: [customer.plan == 'x', customer.called == true]";
    const setting = "id: f\naction: {tool: update_traits, input: {traits: {called: true}}}";
    expect(notesOf("", [asked, setting], { traits: ANN, signals: { go: [{ traits: { plan: "m" } }] } })).toEqual([]);
  });

  test("a field that was seen empty may hold anything", () => {
    expect(notesOf("", ["eligibility: [customer.car.age > 3]"], { traits: [{ car: null }] })).toEqual([]);
    expect(notesOf("", ["eligibility: [customer.car.age > 3]"], { traits: [{ car: {} }] })).toEqual([]);
  });
});

describe("W12: data that no signal has", () => {
  test.each<[string, string, string, string]>([
    [
      "of the moment's signal",
      "",
      "eligibility: [moment.data.percnt > 1]",
      "experiences/0.yaml:1: eligibility.0: unknown field moment.data.percnt of go; did you mean moment.data.percent?",
    ],
    [
      "in the moment's own condition",
      "moments:\n  m: {on: go, expires: 1d, when: signal.data.percnt > 1}",
      "",
      "sentient.yaml:2: moments.m.when: unknown field signal.data.percnt of go; did you mean signal.data.percent?",
    ],
    [
      "of any signal",
      "",
      "eligibility: [signal.data.percnt > 1]",
      "experiences/0.yaml:1: eligibility.0: unknown field signal.data.percnt; did you mean signal.data.percent?",
    ],
    [
      "in a text",
      "",
      "channels: {box: {text: '{{ moment.data.order.nr }}'}}",
      "experiences/0.yaml:1: channels.box.text: unknown field moment.data.order.nr of go; no signal in signals.jsonl and evals has it",
    ],
    [
      "of an approval",
      "governance:\n  approval: [moment.data.amont > 1]",
      "",
      "sentient.yaml:2: governance.approval.0: unknown field moment.data.amont; no signal in signals.jsonl and evals has it",
    ],
    [
      "of a built-in moment",
      "",
      "serves: [fact_corrected]\neligibility: [moment.data.fcts != '']",
      "experiences/0.yaml:2: eligibility.0: unknown field moment.data.fcts of fact_corrected; did you mean moment.data.facts?",
    ],
  ])("%s", (_, settings, experience, note) => {
    expect(notesOf(settings, [experience], { signals: GO })).toEqual([note]);
  });

  test("a moment that opens by absence has no data", () => {
    const settings = "moments:\n  m: {absent: {signal: go, for: 3d}, expires: 1d}";
    expect(notesOf(settings, ["eligibility: [moment.data.percent > 1]"], { signals: GO })).toEqual([
      "experiences/0.yaml:1: eligibility.0: unknown field moment.data.percent; what opens it is no signal and has no data",
    ]);
  });

  test("without a signal of its type only what is nearly a built-in field is noted", () => {
    const settings = "moments: {m: {on: message.received, expires: 1d}}";
    const experience = "eligibility: [moment.data.txt == 'x', moment.data.mood == 'x', moment.data.text == 'x']";
    expect(notesOf(settings, [experience], {})).toEqual([
      "experiences/0.yaml:1: eligibility.0: unknown field moment.data.txt of message.received; did you mean moment.data.text?",
    ]);
    expect(notesOf("", ["eligibility: [moment.data.anything > 1]"], {})).toEqual([]);
    expect(notesOf("moments: {m: {on: page.viewed, expires: 1d}}", ["eligibility: [moment.data.nam == 'x']"], {})).toEqual([]);
  });

  test("what only one of several signals has is known", () => {
    const settings = "moments: {m: {on: [go, message.received], expires: 1d}}";
    const experience =
      "eligibility: [moment.data.percent > 1, moment.data.text == 'x', 'moment.data.order.lines.exists(l, l.sku == \"a\")']";
    expect(notesOf(settings, [experience], { signals: GO })).toEqual([]);
  });

  test("what becomes of a delivery names its experience", () => {
    const settings = "moments: {m: {on: delivery.ignored, expires: 1d}}";
    const experience = "eligibility: [moment.data.experienceId == 'e', moment.data.departmnt == 'sales']";
    expect(notesOf(settings, [experience], { signals: GO })).toEqual([
      "experiences/0.yaml:1: eligibility.1: unknown field moment.data.departmnt of delivery.ignored; did you mean moment.data.department?",
    ]);
  });
});

test("W12: a promise that only signals open is known by them", () => {
  const experience = "eligibility: ['customer.promises.exists(p, p.name == \"inspection\")']";
  expect(notesOf("", [experience], { signals: { go: [], "promise.opened": [{ promise: "inspection" }] } })).toEqual([]);
  expect(notesOf("", [experience], {})).toEqual([
    "experiences/0.yaml:1: eligibility.0: unknown promise inspection; neither promises nor a promise.opened in signals.jsonl and evals has this name",
  ]);
});

describe("W12: fields that signal, moment and experience have", () => {
  test.each<[string, string, string]>([
    ["a text", "channels: {box: {text: '{{ moment.nam }}'}}", "channels.box.text: unknown field moment.nam; did you mean moment.name?"],
    [
      "a condition in a text",
      "channels: {box: {text: '{% if signal.kind %}x{% endif %}'}}",
      "channels.box.text: unknown field signal.kind; expected one of type, source, time, data",
    ],
  ])("%s", (_, experience, note) => {
    expect(notesOf("", [experience], {})).toEqual([`experiences/0.yaml:1: ${note}`]);
  });

  test("all that they have is known", () => {
    const text =
      "{{ moment.name }}{{ moment.openedAt }}{{ moment.urgency }}{{ signal.type }}{{ signal.source }}{{ signal.time }}{{ experience.id }}";
    expect(
      notesOf("", [`channels: {box: {text: "${text}{{ experience.name }}{{ experience.serves[0] }}{{ moment.data.x }}"}}`], {}),
    ).toEqual([]);
  });
});

describe("names that a text compares with", () => {
  const problems = (text: string, settings = "") => {
    const checked = checkTexts(settings, [`channels:\n  box:\n    text: '${text.replaceAll("'", "''")}'`]);
    return checked.ok ? [] : checked.problems.map(describeProblem);
  };
  const at = "experiences/0.yaml:3: channels.box.text: ";

  test.each([
    ["{% if moment.name == 'mm' %}x{% endif %}", "unknown moment mm; did you mean m?"],
    ["{% unless 'nobody' != moment.name %}x{% endunless %}", "unknown moment nobody; expected one of m"],
    ['{% if customer.a %}{% elsif customer.b and experience.id == "ee" %}x{% endif %}', "unknown experience ee; did you mean e?"],
    ["{% case moment.name %}{% when 'm' %}{% when 'a', 'm' %}x{% endcase %}", "unknown moment a; did you mean m?"],
    ["{% if experience.department == 'sale' %}x{% endif %}", "unknown department sale; did you mean sales?"],
  ])("%s", (text, problem) => {
    expect(problems(text)).toEqual([`${at}${problem}`]);
  });

  test("names that are there, and texts that nothing fixes, have no problem", () => {
    expect(problems("{% if moment.name == 'm' or experience.id != 'e' %}{% endif %}{% if customer.a == 'zzz' %}{% endif %}")).toEqual([]);
    expect(problems("{% if moment.name == customer.a %}{% endif %}{% case customer.a %}{% when 'nix' %}{% endcase %}")).toEqual([]);
    expect(problems("{% if moment.name contains 'zz' %}{% endif %}")).toEqual([]);
  });

  test("in a shared template they are named there, once for all that use it", () => {
    const text = "channels: {box: {text: \"{% render 'part' %}\"}}";
    const checked = checkTexts("", [text, `id: f\n${text}`], {
      templates: { "part.liquid": "Hi\n{% if moment.name == 'q' %}x{% endif %}" },
    });
    expect(checked.ok ? [] : checked.problems.map(describeProblem)).toEqual(["templates/part.liquid:2: unknown moment q; did you mean m?"]);
  });
});
