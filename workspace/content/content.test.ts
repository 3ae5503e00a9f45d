import { afterEach, describe, expect, test, vi } from "vitest";
import type { Content, ContentScope } from "../../domain/entities/policy.ts";
import { createContentCompiler, type Draft } from "./content.ts";

const TEMPLATES = {
  "greeting.liquid": "Hello {{ customer.firstName }}",
  "line.liquid": "{{ label }}: {{ value }}",
  "circle.liquid": "{% render 'circle' %}",
  "alias.liquid": "{{ c.lease.endsOn }}",
  "page.mjml.liquid": "<mj-text>{{ customer.firstName }}</mj-text>",
};

const CUSTOMER = {
  firstName: "Ann",
  n: 3,
  lease: { endsOn: "2026-06-08", at: "2026-06-08T02:00:00Z", local: "2026-06-08T10:30" },
  birthday: "2000-02-29",
  items: [
    { name: "shoe", price: 3 },
    { name: "boot", price: 4 },
  ],
  none: [],
  html: '<b title="x">&</b>',
  second: "{{ customer.firstName }}{% raw %}",
  lines: "Hi\r\nBcc: x@example.org\u2028next",
  word: "soon",
  empty: "",
  id: "c-1",
  timezone: "America/Chicago",
  locale: "en",
  openCases: 0,
  consents: [],
  promises: [{ name: "reply", due: "2026-06-02T00:00:00Z" }],
  goals: [],
};

const scope = {
  zone: "America/Chicago",
  customer: CUSTOMER,
  signal: { type: "go", data: { items: [{ name: "s1" }], page: "/shoes" } },
  moment: { name: "m", openedAt: "2026-06-01T15:00:00.000Z", urgency: 0.5, data: { code: "X1" } },
  experience: { id: "e", name: "Hello" },
  action: { code: "A-7" },
} as unknown as ContentScope;

function compile(source: Draft["source"], given: Partial<Draft> = {}): Content {
  const compiled = createContentCompiler(TEMPLATES).compile([{ path: "text", source, isHtml: false, ...given }]);
  if (!compiled.ok) throw new Error(compiled.problems.map(({ problem }) => problem).join("; "));
  return compiled.content;
}

const render = (source: string, given: Partial<Draft> = {}, where: ContentScope = scope) => compile(source, given).render(where).text;

/** `path`, `path?` where it may be missing, `path!guard` where it may be while the guard is. */
const factsOf = (source: string) =>
  compile(source).facts.map(({ path, optional, unless }) => `${path}${optional ? "?" : ""}${unless.map((guard) => `!${guard}`).join("")}`);

describe("facts that a text states", () => {
  test.each<[string, string[]]>([
    ["Hello", []],
    ["Hello {{ customer.firstName }}", ["firstName"]],
    ["{{ customer.lease.endsOn | date: '%d' }} {{ customer.lease.endsOn }}", ["lease.endsOn"]],
    ["{{ customer['lease']['endsOn'] }}", ["lease.endsOn"]],
    ["{{ customer['first name'] }}", ["first name"]],
    ["{{ customer['a.b'] }}", ["a\\.b"]],
    ["{{ customer.items[0].name }}", ["items.0.name"]],
    ["{{ customer.items.first.name }} of {{ customer.items.size }}", ["items.first.name", "items.size"]],
    ["{% for item in customer.items %}{{ item.name }}{% endfor %}", ["items"]],
    ["{% assign lease = customer.lease %}{{ lease.endsOn }}", ["lease"]],
    ["{% capture name %}{{ customer.firstName }}{% endcapture %}{{ name }}", ["firstName"]],
    ["{% render 'greeting' %}", ["firstName"]],
    ["{% render 'line', label: customer.firstName, value: customer.n %}", ["firstName", "n"]],
    ["{% for i in (1..customer.n) %}{{ i }}{% endfor %}", ["n"]],
    ["{{ 'x' | append: customer.firstName }}", ["firstName"]],
    ["{% liquid assign x = customer.n\necho x %}", ["n"]],
    ["{% comment %}{{ customer.nope }}{% endcomment %}{% raw %}{{ customer.nope }}{% endraw %}", []],
    // Built-in fields are no facts.
    ["{{ customer.id }} {{ customer.timezone }} {{ customer.locale }} {{ customer.openCases }} {{ customer.promises[0].name }}", []],
    // What feeds `default` may be missing; what it falls back to may not.
    ["{{ customer.firstName | default: 'friend' }}", ["firstName?"]],
    ["{{ customer.firstName | capitalize | default: 'friend' }}", ["firstName?"]],
    ["{{ customer.nick | default: customer.firstName }}", ["nick?", "firstName"]],
    ["{% assign name = customer.firstName | default: 'friend' %}{{ name }}", ["firstName?"]],
    ["{{ customer.firstName | default: 'friend' }} {{ customer.firstName }}", ["firstName"]],
    ["{{ customer.firstName }} {{ customer.firstName | default: 'friend' }}", ["firstName"]],
    ["{{ customer.nick | default: signal.nick }}", ["nick?"]],
    // So may what is only tested, or only read inside of an `if` on it.
    ["{% if customer.vip %}Dear{% endif %}", ["vip?"]],
    ["{% unless customer.vip %}Dear{% endunless %}", ["vip?"]],
    ["{% case customer.stage %}{% when 'new' %}Welcome{% endcase %}", ["stage?"]],
    ["{% if customer.nick %}{{ customer.nick }}{% endif %}", ["nick?"]],
    ["{% if customer.nick %}{% if customer.vip %}{{ customer.nick }}{% endif %}{% endif %}", ["nick?", "vip?"]],
    ["{% if customer.nick %}{{ customer.nick }}{% endif %}{{ customer.nick }}", ["nick"]],
    ["{% if customer.vip %}{{ customer.firstName }}{% endif %}", ["vip?", "firstName"]],
    ["{% if customer.lease %}{{ customer.lease.fee }}{% endif %}", ["lease?", "lease.fee!lease"]],
    ["{% if customer.lease %}{{ customer.lease.fee }}{% endif %}{{ customer.lease.fee }}", ["lease?", "lease.fee"]],
    ["{% if signal.data.lease %}{{ customer.data.lease.fee }}{% endif %}", ["data.lease.fee"]],
    ["{% if customer.a and customer.b %}{{ customer.a }}{{ customer.b }}{% endif %}", ["a?", "b?"]],
  ])("%s", (source, wanted) => {
    expect(factsOf(source)).toEqual(wanted);
  });

  test.each<[string, string[]]>([
    ["{{ customer.lease.endsOn | date: '%d' }}", ["lease.endsOn"]],
    ["{{ customer.lease.endsOn | date_to_string }}", ["lease.endsOn"]],
    ["{{ customer.lease.endsOn | default: 'soon' | date: '%d' }}", ["lease.endsOn"]],
    ["{{ customer.lease.endsOn }}{{ customer.lease.endsOn | date: '%d' }}", ["lease.endsOn"]],
    ["{{ customer.year | append: '-01-01' | date: '%Y' }}", []],
    ["{{ customer.lease.at | date: customer.format }}", ["lease.at"]],
    ["{{ customer.lease.endsOn }}", []],
  ])("%s prints dates", (source, wanted) => {
    expect(
      compile(source)
        .facts.filter(({ isDate }) => isDate)
        .map(({ path }) => path),
    ).toEqual(wanted);
  });

  test.each<[string, string[]]>([
    ["{{ signal.data.page }} {{ moment.data.code }} {{ experience.name }}", ["signal.data.page", "moment.data.code", "experience.name"]],
    ["{{ signal.data.page | default: 'our page' }}", []],
    ["{% if signal.data.page %}{{ signal.data.page }}{% endif %}", []],
    ["{% if customer.vip %}{{ signal.data.page }}{% endif %}", []],
    ["{{ signal.data[moment.name] }}", ["signal.data", "moment.name"]],
    ["{{ action.code }}", []],
  ])("%s needs %j besides", (source, wanted) => {
    expect(compile(source).needs.map((names) => names.join("."))).toEqual(wanted);
  });
});

describe("rejected texts", () => {
  const WHOLE = "customer as a whole cannot be read";
  test.each([
    ["{{ customer }}", WHOLE],
    ["{{ customer | json }}", WHOLE],
    ["{{ customer | map: 'x' }}", WHOLE],
    ["{% assign c = customer %}{{ c.lease.endsOn }}", WHOLE],
    ["{% for field in customer %}{{ field }}{% endfor %}", WHOLE],
    ["{% render 'alias', c: customer %}", WHOLE],
    ["{% render 'alias' with customer as c %}", WHOLE],
    ["{% render 'alias' for customer as c %}", WHOLE],
    ["{% include 'alias' with customer %}", WHOLE],
    ["{% if customer %}x{% endif %}", WHOLE],
    ["{{ customer[moment.name] }}", "a field of customer cannot be computed"],
    ["{{ customer.items[moment.data.code].name }}", "a field of customer cannot be computed"],
    ["{% render customer.firstName %}", "needs a template name that is written out"],
    ["{% include moment.name %}", "needs a template name that is written out"],
    ["{% render 'nope' %}", "no shared template nope in templates/"],
    ["{% include '/etc/passwd' %}", "no shared template /etc/passwd in templates/"],
    ["{% render '../../.env' %}", "no shared template ../../.env in templates/"],
    ["{% include 'package.json' %}", "no shared template package.json in templates/"],
    ["{% render 'circle' %}", "its templates render each other in a cycle"],
    ["{% assign customer = moment %}", "customer is given and cannot be assigned"],
    ["{% capture moment %}x{% endcapture %}", "moment is given and cannot be assigned"],
    ["{% increment signal %}", "signal is given and cannot be assigned"],
    ["{% for customer in customer.items %}{{ customer.name }}{% endfor %}", "customer is given and cannot be a loop's variable"],
    ["{{ custommer.firstName }}", "unknown variable custommer; a text reads customer, moment, signal, action, experience"],
    ["{{ customer.html | raw }}", "undefined filter: raw"],
    ["{{ customer.n | nope }}", "undefined filter: nope"],
    ["{{ customer.items | sample }}", "undefined filter: sample"],
    ["{{ customer.items | where_exp: 'i', 'customer.secret == 1' }}", "undefined filter: where_exp"],
    ["{{ customer.items | find_exp: 'i', 'i.price > customer.n' }}", "undefined filter: find_exp"],
    ["{{ 'now' | date: '%Y' }}", "the current time is not a fact"],
    ["{% assign year = 'today' | date: '%Y' %}{{ year }}", "the current time is not a fact"],
    ["{{ customer.firstName", "not closed"],
    ["{% if customer.vip %}x", "not closed"],
    ["{% nope %}", 'tag "nope" not found'],
  ])("%s", (source, problem) => {
    expect(() => compile(source)).toThrow(problem);
  });

  test("all problems of all fields at once, each with its place", () => {
    const compiled = createContentCompiler({}).compile([
      { path: "subject", source: "{{ nobody.x }}", isHtml: false },
      { path: "payload", source: { a: ["{{ customer }}"], b: "{{ x | nope }}" }, isHtml: false },
    ]);
    expect(compiled).toMatchObject({ ok: false, problems: [{ path: "subject" }, { path: "payload.a.0" }, { path: "payload.b" }] });
  });
});

describe("printing", () => {
  test.each([
    ["{{ customer.firstName }}", "Ann"],
    ["{{ customer.n | times: 2 }}", "6"],
    ["{% if customer.n > 2 %}many{% else %}few{% endif %}", "many"],
    ["{% for item in customer.items %}{{ item.name }} {% endfor %}", "shoe boot "],
    [
      "{{ customer.items.first.name }}, {{ customer.items[1].name }}, {{ customer.items.last.price }}, {{ customer.items.size }}",
      "shoe, boot, 4, 2",
    ],
    ["{{ customer.items | map: 'name' | join: ' and ' }}", "shoe and boot"],
    ["{{ customer.promises[0].name }} {{ customer.id }}", "reply c-1"],
    [
      "{{ moment.data.code }} {{ signal.data.items.first.name }} {{ signal.data.items.size }} {{ experience.name }} {{ action.code }}",
      "X1 s1 1 Hello A-7",
    ],
    ["{% render 'greeting' %}", "Hello Ann"],
    ["{% render 'greeting.liquid' %}", "Hello Ann"],
    ["{% render 'line', label: 'n', value: customer.n %}", "n: 3"],
    // Optional and missing.
    ["{{ customer.nick | default: 'friend' }}", "friend"],
    ["{{ customer.empty | default: 'friend' }}", "friend"],
    ["{{ customer.deep.er.still | default: 'none' }}", "none"],
    ["{{ customer.firstName.middle | default: 'none' }}", "none"],
    ["{{ customer.none.first.name | default: 'none' }}", "none"],
    ["{{ customer.items[9].name | default: 'none' }}", "none"],
    ["{% if customer.nick %}{{ customer.nick }}{% else %}nobody{% endif %}", "nobody"],
    ["{% if customer.deep.er %}{{ customer.deep.er.still }}{% else %}no{% endif %}", "no"],
    ["{% if signal.data.nope %}{{ signal.data.nope }}{% else %}no{% endif %}", "no"],
    ["{{ signal.data.nope | default: 'no' }}", "no"],
    ["{{ customer.nick | date: '%d' | default: 'soon' }}", "soon"],
    ["{{ customer.word | date: '%d' | default: 'later' }}", "later"],
    // What customers bring is text, never a template.
    ["{{ customer.second }}", "{{ customer.firstName }}{% raw %}"],
    // Dates.
    ["{{ customer.lease.endsOn | date: '%-d %B %Y' }}", "8 June 2026"],
    ["{{ customer.lease.at | date: '%-d %B, %H:%M' }}", "7 June, 21:00"],
    ["{{ customer.lease.local | date: '%-d %B, %H:%M' }}", "8 June, 10:30"],
    ["{{ customer.birthday | date: '%-d %B' }}", "29 February"],
    ["{{ moment.openedAt | date: '%H:%M' }}", "10:00"],
    ["{{ customer.lease.at | date: '%H:%M', 'Asia/Tokyo' }}", "11:00"],
    ["{{ customer.lease.at | date_to_string }} {{ customer.lease.endsOn | date_to_long_string }}", "07 Jun 2026 08 June 2026"],
    ["{{ customer.lease.at | date_to_xmlschema }}", "2026-06-07T21:00:00-05:00"],
    ["{{ customer.lease.endsOn | date_to_rfc822 }}", "Mon, 08 Jun 2026 00:00:00 +0000"],
  ])("%s prints %j", (source, wanted) => {
    expect(render(source)).toBe(wanted);
  });

  test.each([
    ["{{ customer.lease.at | date: '%-d %B, %H:%M' }}", "Asia/Kolkata", "8 June, 07:30"],
    ["{{ customer.lease.at | date: '%-d %B, %H:%M' }}", "Pacific/Kiritimati", "8 June, 16:00"],
    ["{{ customer.lease.endsOn | date: '%-d %B' }}", "Etc/GMT+12", "8 June"],
    ["{{ customer.lease.endsOn | date: '%-d %B' }}", "Pacific/Kiritimati", "8 June"],
    ["{{ customer.lease.at | date: '%-d %B, %H:%M' }}", "+05:30", "8 June, 07:30"],
    ["{{ customer.lease.at | date: '%-d %B, %H:%M %z' }}", "-03:30", "7 June, 22:30 -0330"],
    ["{{ customer.lease.at | date: '%H:%M', 'Pacific Standard Time' }}", "UTC", "19:00"],
    ["{{ customer.lease.at | date: '%H:%M', 'GMT+2' }}", "UTC", "04:00"],
    ["{{ customer.lease.at | date: '%H:%M %z' }}", "Asia/Kathmandu", "07:45 +0545"],
    ["{{ customer.lease.at | date: '%H:%M %Z' }}", "Asia/Kathmandu", "07:45 Asia/Kathmandu"],
  ])("%s in %s prints %j", (source, zone, wanted) => {
    expect(render(source, {}, { ...scope, zone })).toBe(wanted);
  });

  test.each([
    ["a field of an item that is missing", "{% for item in customer.items %}{{ item.nope }}{% endfor %}", "undefined variable: item.nope"],
    ["a field of an alias", "{% assign lease = customer.lease %}{{ lease.nope }}", "undefined variable: lease.nope"],
    ["what an action did not give", "{{ action.price }}", "undefined variable: action.price"],
    ["what the signal does not bring", "{{ signal.data.nope }}", "undefined variable: signal.data.nope"],
    ["what is no date", "{{ signal.data.page | date: '%d' }}", '"/shoes" is there but is no date'],
    ["a width without measure", "{{ customer.lease.endsOn | date: '%5000000d' }}", "memory alloc limit exceeded"],
    ["an empty loop without end", "{%- for i in (1..50000000) -%}{%- endfor -%}", "memory alloc limit exceeded"],
    [
      "a text that doubles",
      "{% assign a = 'xxxxxxxx' %}{% for i in (1..30) %}{% assign a = a | append: a %}{% endfor %}",
      "memory alloc limit exceeded",
    ],
  ])("%s is refused", (_, source, problem) => {
    expect(() => render(source)).toThrow(problem);
  });

  test.each([
    ["{{ customer.constructor.constructor | default: 'x' }}", "x"],
    ["{{ customer.__proto__ | default: 'x' }}", "x"],
    ["{{ customer.items.constructor | default: 'x' }}", "x"],
  ])("%s exposes nothing of the runtime", (source, wanted) => {
    expect(render(source)).toBe(wanted);
  });

  test("stripping tags from a hostile text takes linear time", () => {
    const hostile = { ...scope, customer: { ...CUSTOMER, html: "<script".repeat(50_000) } };
    expect(render("{{ customer.html | strip_html | size }}", {}, hostile)).toBe("350000");
  });

  test("an action that was only recorded prints as nothing", () => {
    const recorded = { ...scope, action: {}, isActionRecorded: true };
    expect(render("Code {{ action.code }}{{ action.deep.er }}.", {}, recorded)).toBe("Code .");
  });

  test("rendering leaves the customer as it was", () => {
    const before = structuredClone(CUSTOMER);
    render(
      "{{ customer.deep.er | default: 'x' }}{{ customer.items | sort: 'name' | reverse | map: 'name' | join }}{{ customer.none.first.name | default: 'x' }}",
    );
    expect(CUSTOMER).toEqual(before);
  });
});

describe("F3: whole signs", () => {
  const people = {
    ...scope,
    customer: {
      ...CUSTOMER,
      lastName: "𠮷田",
      emoji: "👨‍👩‍👧‍👦🇩🇪x",
      marked: "e\u0301a",
      code: "a%00b",
      bad: "%FF",
      half: "gA==",
      odd: "\ud83d",
    },
  };

  test.each([
    ["{{ customer.lastName | split: '' | first }}", "𠮷"],
    ["{{ customer.lastName | split: '' | last }}", "田"],
    ["{{ customer.lastName | split: '' | join: '.' }}", "𠮷.田"],
    ["{{ customer.lastName | split: '' | reverse | join }}", "田 𠮷"],
    ["{{ customer.lastName | first }}{{ customer.lastName | last }}", "𠮷田"],
    ["{{ customer.lastName | reverse }}", "田𠮷"],
    ["{{ customer.lastName | replace: '', '-' }}", "𠮷-田"],
    ["{{ customer.lastName | size }} {{ customer.emoji | size }} {{ customer.marked | size }}", "2 3 2"],
    ["{{ customer.emoji | slice: 0 }}|{{ customer.emoji | slice: -2, 2 }}", "👨‍👩‍👧‍👦|🇩🇪x"],
    [
      "{{ customer.emoji | truncate: 2, '' }}|{{ customer.emoji | truncate: 3 }}|{{ customer.firstName | truncate: 2, '…' }}",
      "👨‍👩‍👧‍👦🇩🇪|👨‍👩‍👧‍👦🇩🇪x|A…",
    ],
    ["{{ customer.marked | split: '' | first }}", "e\u0301"],
    ["{{ customer.items | slice: 1 | map: 'name' | join }} {{ customer.items | size }} {{ customer.n | slice: 0 }}", "boot 2 3"],
    ["{{ customer.nick | slice: 0, 3 | default: 'x' }}{{ customer.nick | split: '' | first }}", "x"],
  ])("F3: %s prints %j", (source, wanted) => {
    expect(render(source, {}, people)).toBe(wanted);
  });

  test.each([
    ["{{ customer.code | url_decode }}", "text holds a NUL character"],
    ["{{ customer.bad | url_decode }}", "text: {{ customer.bad | url_decode }}: URI malformed"],
    ["{{ customer.half | base64_decode }}", "text: {{ customer.half | base64_decode }}: what its base64 stands for is no text"],
    ["{{ customer.lastName[0] }}", "text holds half of a surrogate pair"],
    ["{{ customer.odd }}", "text holds half of a surrogate pair"],
  ])("F3: %s is rejected, with its path", (source, problem) => {
    expect(() => render(source, {}, people)).toThrow(problem);
  });

  test("F3: a value that cannot be stored is reported with its path, also deep in a payload", () => {
    const payload = compile({ names: ["{{ customer.firstName }}", { code: "{{ customer.code | url_decode }}" }] }, { isTyped: true });
    expect(() => payload.render(people)).toThrow("text.names.1.code holds a NUL character");
  });
});

describe("F12: output of a text", () => {
  const OBJECT = "it is an object, and a text prints none";
  const LIST = "it is a list, and a text prints none";
  test.each([
    ["{{ customer.lease }}", `text: {{ customer.lease }}: ${OBJECT}`],
    ["{{ customer.items }}", `text: {{ customer.items }}: ${LIST}`],
    ["{{ customer.none }}", LIST],
    ["{{ customer.items[0] }}", OBJECT],
    ["{% for item in customer.items %}{{ item }}{% endfor %}", `text: {{ item }}: ${OBJECT}`],
    ["{% if customer.items %}{{ customer.items }}{% endif %}", LIST],
    ["{% assign x = customer.lease %}{{ x }}", OBJECT],
    ["{% assign x = customer.lease | append: '!' %}{{ x }}", OBJECT],
    ["{% capture x %}{{ customer.lease }}{% endcapture %}{{ x }}", OBJECT],
    ["{{ 'x' | append: customer.lease }}", OBJECT],
    ["{{ 'x' | prepend: customer.items }}", LIST],
    ["{{ 'x' | replace: 'x', customer.lease }}", OBJECT],
    ["{{ customer.items | upcase }}", LIST],
    ["{{ customer.lease | escape }}", OBJECT],
    ["{{ customer.items | join: ', ' }}", OBJECT],
    ["{{ customer.items | array_to_sentence_string }}", OBJECT],
    ["{% echo customer.items %}", LIST],
    ["{% cycle customer.items, 'x' %}", LIST],
    ["{% render 'line', label: 'x', value: customer.items %}", LIST],
    ["{{ customer.n | divided_by: signal.data.zero }}", "it is infinite"],
    ["{{ signal.data.zero | modulo: signal.data.zero }}", "it is not a number"],
  ])("F12: %s is refused", (source, problem) => {
    const where = { ...scope, signal: { data: { zero: 0 } } } as unknown as ContentScope;
    expect(() => render(source, {}, where)).toThrow(problem);
    expect(() => render(source, { isHtml: true }, where)).toThrow(problem);
  });

  test.each([
    [0.1 + 0.2, "0.3"],
    [1.1 * 1.1, "1.21"],
    [267.49999999999994, "267.5"],
    [1 / 3, "0.3333333333333333"],
    [123456789012.3456, "123456789012.3456"],
    [1e21, "1000000000000000000000"],
    [1.5e21, "1500000000000000000000"],
    [-1e21, "-1000000000000000000000"],
    [1e-7, "0.0000001"],
    [1.25e-7, "0.000000125"],
    [-0, "0"],
    [9007199254740991, "9007199254740991"],
    [19.99, "19.99"],
    [1.7976931348623157e308, `17976931348623157${"0".repeat(292)}`],
  ])("F12: the number %d prints as %s", (n, wanted) => {
    const where = { ...scope, customer: { ...CUSTOMER, n } };
    expect(render("{{ customer.n }}", {}, where)).toBe(wanted);
    expect(render("{{ '' | append: customer.n }}{% capture x %}{{ customer.n }}{% endcapture %}", {}, where)).toBe(wanted);
    expect(render("{% assign list = 'a' | split: ',' | push: customer.n %}{{ list | join: '' }}", {}, where)).toBe(`a${wanted}`);
  });

  test.each([
    ["{{ customer.items | map: 'name' | join: ', ' }}", "shoe, boot"],
    ["{{ customer.items | json }}", JSON.stringify(CUSTOMER.items)],
    ["{{ customer.items | size }}{{ customer.items.size }}", "22"],
    ["{{ customer.items[0].name }} {{ true }} {{ nil }}", "shoe true "],
  ])("F12: %s prints %j", (source, wanted) => {
    expect(render(source)).toBe(wanted);
  });
});

describe("friction: days are added to dates", () => {
  const dated = (customer: object, zone = "Europe/Berlin") =>
    ({
      ...scope,
      zone,
      customer: { ...CUSTOMER, ...customer },
      signal: { data: { due: "soon", on: "20260608", at: 1_780_326_000 } },
    }) as unknown as ContentScope;

  test.each([
    ["2026-06-08", "22 June"],
    // Clocks go back and forward in between.
    ["2026-10-20", "3 November"],
    ["2026-03-20", "3 April"],
    ["2026-06-08 23:30:00+02", "22 June"],
    ["20260608T213000Z", "22 June"],
    [1_780_326_000, "15 June"],
    ["1780326000", "15 June"],
  ])("friction: %j and fourteen days are %s", (due, wanted) => {
    for (const zone of [
      "Europe/Berlin",
      ...(typeof due === "string" && due.length === 10 && due.includes("-") ? ["America/Chicago", "Pacific/Kiritimati"] : []),
    ])
      expect(render("{{ customer.due | date: '%s' | plus: 1209600 | date: '%-d %B' }}", {}, dated({ due }, zone))).toBe(wanted);
  });

  test("friction: a number that a signal brings is a time too, and so is the basic form", () => {
    expect(render("{{ signal.data.at | date: '%H:%M' }} {{ signal.data.on | date: '%-d %B' }}", {}, dated({}))).toBe("17:00 8 June");
  });

  test("F11: an optional date that is not one counts as missing", () => {
    expect(render("{{ signal.data.due | date: '%d' | default: 'later' }}", {}, dated({}))).toBe("later");
    expect(render("{{ customer.word | date: '%d' | default: 'later' }}", {}, dated({}))).toBe("later");
  });

  test.each([
    ["{{ customer.due | date: '%-d %B' | date: '%Y' }}", "is there but is no date"],
    ["{% assign due = customer.due | date: '%-d %B' | plus: 1209600 | date: '%-d %B' %}{{ due }}", undefined],
    ["{{ customer.due | append: '-01-01' | date: '%Y' }}", undefined],
    ["{{ customer.year | append: '-' | append: customer.month | append: '-01' | date: '%Y' }}", undefined],
    ["{{ 'soon' | date: '%Y' }}", '"soon" is there but is no date'],
    ["{{ customer.tags | split: ',' }}", "it is a list"],
    ["{% if customer.vip %}{{ 1 | divided_by: 0 }}{% endif %}", "it is infinite"],
    ["{{ (1..3) }}", "it is a list"],
    ["{{ '%FF' | url_decode }}", "URI malformed"],
    ["{{ customer.tags | split: ',' | first }}", undefined],
  ])("friction: check says of %s: %s", (source, problem) => {
    const compiled = createContentCompiler(TEMPLATES).compile([{ path: "text", source, isHtml: false }]);
    const told = compiled.ok ? undefined : compiled.problems.map((one) => one.problem).join();
    if (problem === undefined) expect(told).toBeUndefined();
    else expect(told).toMatch(new RegExp(`can never be written, whatever it reads: .*${problem}`));
  });
});

describe("escaping", () => {
  test.each([
    ["values in HTML", "<p>{{ customer.html }}</p>", { isHtml: true }, "<p>&lt;b title=&#34;x&#34;&gt;&amp;&lt;/b&gt;</p>"],
    ["values in plain text are as they are", "{{ customer.html }}", {}, '<b title="x">&</b>'],
    ["also what filters make", "{{ '<i>' | append: customer.firstName }}", { isHtml: true }, "&lt;i&gt;Ann"],
    [
      "in shared templates",
      "{% render 'line', label: customer.html, value: 1 %}",
      { isHtml: true },
      "&lt;b title=&#34;x&#34;&gt;&amp;&lt;/b&gt;: 1",
    ],
    ["line breaks in a header", "Re: {{ customer.lines }}", { isLine: true }, "Re: Hi Bcc: x@example.org next"],
    ["line breaks in a body stay", "{{ customer.lines }}", {}, "Hi\r\nBcc: x@example.org\u2028next"],
  ])("%s", (_, source, given, wanted) => {
    expect(render(source, given)).toBe(wanted);
  });
});

describe("structured content", () => {
  test("texts are rendered wherever they stand, everything else is as it is", () => {
    const payload = { name: "{{ customer.firstName }}", n: 7, yes: true, none: null, list: ["{{ customer.n }}", 1, { deep: "x" }] };
    expect(compile(payload).render(scope).text).toEqual({ name: "Ann", n: 7, yes: true, none: null, list: ["3", 1, { deep: "x" }] });
  });

  test.each([
    ["{{ customer.n }}", 3],
    [" {{ customer.items }} ", CUSTOMER.items],
    ["{{ customer.n | plus: 1 }}", 4],
    ["{{ customer.nick | default: 7 }}", 7],
    ["{{ customer.n }} pieces", "3 pieces"],
    ["{{ customer.n }}{{ customer.n }}", "33"],
    ["{% if customer.n %}{{ customer.n }}{% endif %}", "3"],
  ])("the input %s of an action keeps its type", (source, wanted) => {
    expect(render(source, { isTyped: true })).toEqual(wanted);
  });

  test.each([
    ["{{ customer.n | divided_by: signal.data.zero }}", "text: what is calculated is not a number"],
    ["total {{ customer.lease }}", "text: {{ customer.lease }}: it is an object"],
    ["{{ signal.data.nope }}", "text: undefined variable: signal.data.nope"],
  ])("F12: a value that JSON cannot express is rejected: %s", (source, problem) => {
    const where = { ...scope, signal: { data: { zero: 0 } } } as unknown as ContentScope;
    expect(() => render(source, { isTyped: true }, where)).toThrow(problem);
  });
});

describe("whatever machine it runs on", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test.each(["UTC", "America/Chicago", "Pacific/Kiritimati"])("a process in %s prints the same dates", (zone) => {
    vi.stubEnv("TZ", zone);
    const source = ["date: '%-d %B, %H:%M'", "date", "date_to_string", "date_to_long_string", "date_to_xmlschema", "date_to_rfc822"]
      .map((filter) => `{{ customer.lease.at | ${filter} }} {{ customer.lease.endsOn | ${filter} }}`)
      .join("\n");
    expect(String(render(source)).split("\n")).toEqual([
      "7 June, 21:00 8 June, 00:00",
      "Sunday, June 7, 2026 at 9:00 pm -0500 Monday, June 8, 2026 at 12:00 am +0000",
      "07 Jun 2026 08 Jun 2026",
      "07 June 2026 08 June 2026",
      "2026-06-07T21:00:00-05:00 2026-06-08T00:00:00+00:00",
      "Sun, 07 Jun 2026 21:00:00 -0500 Mon, 08 Jun 2026 00:00:00 +0000",
    ]);
  });
});
