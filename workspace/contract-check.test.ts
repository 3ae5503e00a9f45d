import { describe, expect, test } from "vitest";
import { DAY, HOUR } from "../domain/values/time.ts";
import { checkTexts, type GivenFiles, policyOf } from "../testing/policy.ts";

/** Place of the single problem of a workspace, as file, line and path. */
function placesOf(settings: string, experiences?: readonly string[], files?: GivenFiles): string[] {
  const checked = checkTexts(settings, experiences, files);
  if (checked.ok) return [];
  return checked.problems.map(({ file, line, path = "", message }) => {
    expect(message.length).toBeGreaterThan(5);
    return `${file.replace("experiences/0.yaml", "e")}:${line} ${path}`.trim();
  });
}

const MAIL = "channels:\n  email: {kind: smtp}";
const DESK = "channels:\n  desk: {kind: human}";

test.each([
  ["a key at the top", "name: T\nmomentz: {}", "2 momentz"],
  ["a key further down", "name: T\ngovernance:\n  review: 1h\n  capz: []", "4 governance.capz"],
  [
    "a key in a list",
    "governance:\n  caps:\n    - {id: a, max: 1, window: 7d}\n    - {id: b, max: 1, window: 7d, chanel: box}",
    "4 governance.caps.1.chanel",
  ],
  ["F10: two channels that only case tells apart", "channels:\n  box: {kind: file}\n  BOX: {kind: file}", "3 channels.BOX"],
  ["a duration in words", "governance:\n  review: a day", "2 governance.review"],
  ["a duration of nought", "moments:\n  m:\n    on: go\n    expires: 0d", "4 moments.m.expires"],
  ["a version that does not exist", "name: T\nversion: 2", "2 version"],
  ["a time zone that does not exist", "name: T\ntimezone: Mars/Olympus", "2 timezone"],
  ["a moment that never expires", "moments:\n  n: {on: go, expires: 1d}\n  m:\n    on: go", "3 moments.m.expires"],
  ["a moment that nothing opens", "moments:\n  m: {expires: 1d}", "2 moments.m"],
  ["an urgency above 1", "moments:\n  m: {on: go, expires: 1d, urgency: 2}", "2 moments.m.urgency"],
  ["a condition that does not parse", "moments:\n  m:\n    on: go\n    expires: 1d\n    when: 'customer.a >'", "5 moments.m.when"],
  ["a condition on something unknown", "moments:\n  m:\n    on: go\n    expires: 1d\n    when: client.a > 1", "5 moments.m.when"],
  ["a condition with an unknown function", "moments:\n  m:\n    on: go\n    expires: 1d\n    when: old(customer.a)", "5 moments.m.when"],
  ["a condition that gives a number", "moments:\n  m:\n    on: go\n    expires: 1d\n    when: 1 + 1", "5 moments.m.when"],
  ["a window that is none", "moments:\n  m:\n    on: go\n    expires: 1d\n    when: touches('a week') < 1", "5 moments.m.when"],
  [
    "days of absence that are text",
    "moments:\n  m:\n    expires: 1d\n    absent:\n      signal: x\n      for: customer.",
    "6 moments.m.absent.for",
  ],
  ["a built-in moment", "moments:\n  m: {on: go, expires: 1d}\n  fact_corrected: {on: go, expires: 1d}", "3 moments.fact_corrected"],
  [
    "a cap by a calendar of three days",
    "governance:\n  caps:\n    - {id: a, max: 1, window: 3d, calendar: true}",
    "3 governance.caps.0.window",
  ],
  [
    "two caps of one name",
    "governance:\n  caps:\n    - {id: a, max: 1, window: 3d}\n    - {id: a, max: 2, window: 3d}",
    "4 governance.caps.1.id",
  ],
  ["a cap on an unknown channel", "governance:\n  caps:\n    - {id: a, max: 1, window: 3d, channel: boxx}", "3 governance.caps.0.channel"],
  [
    "a cap on an unknown department",
    "governance:\n  caps:\n    - {id: a, max: 1, window: 3d, department: legal}",
    "3 governance.caps.0.department",
  ],
  ["a time of day that is none", 'governance:\n  quietHours:\n    - {from: "25:00", to: "08:00"}', "3 governance.quietHours.0.from"],
  [
    "quiet hours on an unknown channel",
    'governance:\n  quietHours:\n    - {channels: [boxx], from: "21:00", to: "08:00"}',
    "3 governance.quietHours.0.channels",
  ],
  ["a suppression without a reason to begin", "governance:\n  suppress:\n    - {departments: [sales]}", "3 governance.suppress.0"],
  ["a suppression with two", "governance:\n  suppress:\n    - {when: 'true', after: {signal: x}}", "3 governance.suppress.0"],
  ["a suppression by a condition for a time", "governance:\n  suppress:\n    - {when: 'true', for: 7d}", "3 governance.suppress.0"],
  [
    "a suppression after several signals",
    "governance:\n  suppress:\n    - {after: {signal: x, times: 2}, for: 7d}",
    "3 governance.suppress.0.after",
  ],
  [
    "a suppression after an unknown outcome",
    "governance:\n  suppress:\n    - {after: {outcome: bored}, for: 7d}",
    "3 governance.suppress.0.after.outcome",
  ],
  [
    "a suppression of an unknown department",
    "governance:\n  suppress:\n    - {when: 'true', departments: [legal]}",
    "3 governance.suppress.0.departments",
  ],
  ["a consent that is none", "governance:\n  consent: {box: maybe}", "2 governance.consent.box"],
  ["consent for an unknown channel", "governance:\n  consent: {boxx: opt_in}", "2 governance.consent.boxx"],
  ["a holdout above 1", "governance:\n  holdout: 5", "2 governance.holdout"],
  ["a holdout above 100 %", "governance:\n  holdout: 105%", "2 governance.holdout"],
  ["a holdout below 0", "governance:\n  holdout: {share: -5%}", "2 governance.holdout.share"],
  ["a holdout without a share", "governance:\n  holdout: {departments: [sales]}", "2 governance.holdout.share"],
  [
    "a holdout of an unknown department",
    "governance:\n  holdout:\n    {share: 5%, departments: [legal]}",
    "3 governance.holdout.departments",
  ],
  ["a holdout for a time that is none", "governance:\n  holdout: {share: 5%, for: week}", "2 governance.holdout.for"],
  ["an unknown key of a holdout", "governance:\n  holdout: {share: 5%, form: ever}", "2 governance.holdout.form"],
  ["an approval on an unknown field", "governance:\n  approval:\n    - when: experience.worth > 1", "3 governance.approval.0"],
  [
    "W6: an approval of an unknown experience",
    "governance:\n  approval:\n    - {experiences: [ee]}",
    "3 governance.approval.0.experiences",
  ],
  [
    "W6: an approval of an unknown department",
    "governance:\n  approval:\n    - {when: 'true', departments: [legal]}",
    "3 governance.approval.0.departments",
  ],
  ["W6: an approval of nothing", "governance:\n  approval:\n    - {reason: dear}", "3 governance.approval.0"],
  [
    "W6: an unknown key of an approval",
    "governance:\n  approval:\n    - {when: 'true', experience: [e]}",
    "3 governance.approval.0.experience",
  ],
  ["a way to explore that is none", "learning:\n  explore: sometimes", "2 learning.explore"],
  ["hours of a channel that is not there", "learning:\n  times:\n    channels: [bx]", "3 learning.times.channels.0"],
  ["hours of no channel", "learning:\n  times:\n    channels: []", "3 learning.times.channels"],
  [
    "hours of a channel that is asked",
    "channels:\n  box: {kind: file}\n  web: {kind: pull}\nlearning:\n  times:\n    channels: [box, web]",
    "6 learning.times.channels.1",
  ],
  [
    "hours of a channel that makes tasks",
    "channels:\n  box: {kind: file}\n  desk: {kind: human}\nlearning:\n  times: {channels: [desk]}",
    "5 learning.times.channels.0",
  ],
  ["a wait for an hour that is too long", "learning:\n  times:\n    channels: [box]\n    within: 8d", "4 learning.times.within"],
  ["a wait for an hour that is too short", "learning:\n  times:\n    channels: [box]\n    within: 30m", "4 learning.times.within"],
  ["a wait for an hour in words", "learning:\n  times:\n    channels: [box]\n    within: a day", "4 learning.times.within"],
  ["an urgency for hours above 1", "learning:\n  times:\n    channels: [box]\n    below: 2", "4 learning.times.below"],
  ["a feature that is no field", "learning:\n  features: [customer.segment, 'customer.age >']", "2 learning.features.1"],
  ["a promise that is never due", "promises:\n  p: {opens: x, owner: a}", "2 promises.p"],
  ["a promise that nobody owes", "promises:\n  p: {opens: x, due: 1d}", "2 promises.p"],
  [
    "a promise that keeps an unknown department quiet",
    "promises:\n  p: {opens: x, due: 1d, owner: a, whileOpen: {suppress: [legal]}}",
    "2 promises.p.whileOpen.suppress",
  ],
  ["a rule of the record that is none", "record:\n  fields:\n    a: {rule: newest}", "3 record.fields.a.rule"],
  ["a kind of channel that is none", "channels:\n  box: {kind: fax}", "2 channels.box.kind"],
  ["an option that a channel does not have", "channels:\n  box: {kind: file, colour: red}", "2 channels.box.colour"],
  ["a variable that is not set", "version: 1\nname: ${NOPE}", "2 name"],
  ["a variable that is empty", "version: 1\nname: ${EMPTY}", "2 name"],
])("check finds %s in sentient.yaml", (_, settings, place) => {
  expect(placesOf(settings, undefined, { environment: { EMPTY: "" } })).toEqual([`sentient.yaml:${place}`]);
});

test.each([
  ["an unknown key", "eligibilty: [true]", "1 eligibilty"],
  ["an unknown department", "name: E\ndepartment: legal", "2 department"],
  ["an unknown moment", "name: E\nserves: [m, nope]", "2 serves.1"],
  ["nothing that it serves", "serves: []", "1 serves"],
  ["an unknown goal", "goal: nope", "1 goal"],
  ["an unknown channel", "channels:\n  box: {text: x}\n  pigeon: {text: x}", "3 channels.pigeon"],
  ["a channel that is known elsewhere and not declared", "channels: {sms: {text: x}}", "1 channels.sms"],
  ["an unknown tool", "action: {tool: nope}", "1 action.tool"],
  ["a status that is none", "name: E\nstatus: live", "2 status"],
  ["a value below nought", "name: E\nvalue: -1", "2 value"],
  ["a criterion that does not parse", "eligibility:\n  - 'true'\n  - customer.a >> 1", "3 eligibility.1"],
  ["an unknown key of a criterion", "suitability:\n  - {when: 'true', reasn: x}", "2 suitability.0.reasn"],
  ["a context that does not parse", "context:\n  - {when: customer.a +, weight: 5}", "2 context.0.when"],
  ["W20: a word that is no exemption", "name: E\ntransactional:\n  - caps\n  - suppress", "4 transactional.1"],
  ["W20: an exemption that is no list", "name: E\ntransactional: caps", "2 transactional"],
  ["a promise of its own that is never due", "promise: {name: answer, owner: a}", "1 promise.due"],
  ["a promise of its own that nobody owes", "promise: {name: answer, due: 1d}", "1 promise.owner"],
  ["a window without a count", "limits: {window: 7d}", "1 limits"],
  ["a success without a signal", "success: {within: 3d}", "1 success.signal"],
  ["an unknown variable in a text", "channels:\n  box:\n    text: '{{ user.name }}'", "3 channels.box.text"],
  ["an unknown filter", "channels: {box: {text: '{{ customer.name | shout }}'}}", "1 channels.box.text"],
  ["an output that is not closed", "channels: {box: {text: '{{ customer.name '}}", "1 channels.box.text"],
  ["the whole customer", "channels: {box: {text: '{{ customer | json }}'}}", "1 channels.box.text"],
  ["another name for the customer", "channels: {box: {text: '{% assign c = customer %}{{ c.name }}'}}", "1 channels.box.text"],
  ["a field of the customer that is computed", "channels: {box: {text: '{{ customer[moment.data.key] }}'}}", "1 channels.box.text"],
  ["a template that is computed", "channels: {box: {text: '{% render moment.data.name %}'}}", "1 channels.box.text"],
  [
    "a computed field in an action's input",
    "action: {tool: update_traits, input: {traits: {a: '{{ customer[signal.data.key] }}'}}}",
    "1 action.input.traits.a",
  ],
])("check finds %s in an experience", (_, experience, place) => {
  expect(placesOf("", [experience])).toEqual([`e:${place}`]);
});

test.each([
  ["mail without a subject", MAIL, "channels: {email: {body: b}}", "channels.email.subject"],
  ["mail with a body and a template", MAIL, "channels: {email: {subject: s, body: b, template: t.liquid}}", "channels.email"],
  ["mail with a template that is not there", MAIL, "channels: {email: {subject: s, template: nope.liquid}}", "channels.email.template"],
  ["a task without a summary", DESK, "channels: {desk: {dueIn: 1h}}", "channels.desk.summary"],
  ["a task due at no time", DESK, "channels: {desk: {summary: s, dueIn: soon}}", "channels.desk.dueIn"],
  ["a text message with a subject", "channels: {sms: {kind: twilio}}", "channels: {sms: {text: t, subject: s}}", "channels.sms"],
])("check finds %s", (_, settings, experience, path) => {
  expect(placesOf(settings, [experience], { templates: { "t.liquid": "t" } })).toEqual([`e:1 ${path}`]);
});

test("check reports everything at once, in the order of files and lines", () => {
  const settings = "name: ''\nmoments: {m: {on: go}}\ngovernance:\n  holdout: 2";
  expect(placesOf(settings, ["serves: [zz]\nvalue: -1", "id: f\nstatus: q", "id: g", "id: g"])).toEqual([
    "sentient.yaml:1 name",
    "sentient.yaml:2 moments.m.expires",
    "sentient.yaml:4 governance.holdout",
    "e:1 serves.0",
    "e:2 value",
    "experiences/1.yaml:2 status",
    "experiences/3.yaml:1 id",
  ]);
});

test.each([
  ["quiet hours without quotes", "governance:\n  quietHours:\n    - {from: 21:00, to: 08:00}", ""],
  [
    "channels that most companies have, in policies",
    "governance:\n  consent: {email: opt_out, sms: opt_in, push: opt_in, call: opt_in}",
    "",
  ],
  ["a week by the calendar", "governance:\n  caps:\n    - {id: a, max: 1, window: 1w, calendar: true}", ""],
  ["a variable with a default", "name: ${EMPTY:-Fallback}", ""],
  ["a loop over a field", "", "channels: {box: {text: '{% for car in customer.cars %}{{ car.name }}{% endfor %}'}}"],
  ["days of absence by an expression", "moments:\n  m: {absent: {signal: x, for: customer.usual * 1.5}, expires: 3d}", ""],
])("check accepts %s", (_, settings, experience) => {
  expect(placesOf(settings, [experience], { environment: { EMPTY: "" } })).toEqual([]);
});

test.each([
  ["Pacific Standard Time", "; Pacific Standard Time is America/Los_Angeles"],
  ["GMT+02:00", ""],
  ["Mars/Olympus", ""],
])("friction: the time zone %s of a workspace is an error that states the expected form", (timezone, hint) => {
  expect(checkTexts(`timezone: ${timezone}`)).toMatchObject({
    ok: false,
    problems: [{ path: "timezone", message: `expected an IANA time zone like America/Chicago${hint}` }],
  });
});

test("friction: blanks around the time zone of a workspace are no part of it", () => {
  expect(checkTexts("timezone: 'Europe/Berlin '")).toMatchObject({ ok: true, policy: { timezone: "Europe/Berlin" } });
});

test("the promise of an experience takes due and owner from the workspace's promise of that name, where it has none of its own", () => {
  const settings = "promises:\n  mortgage_answer: {due: 3d, owner: credit}\n  reply: {owner: desk}";
  const experiences = ["{name: mortgage_answer, due: 2d}", "{name: mortgage_answer}", "{name: reply, due: 1h}", "{name: reply, owner: x}"];
  const { experiences: compiled } = policyOf(
    settings,
    experiences.map((promise, index) => `id: e${index}\npromise: ${promise}`),
  );
  expect(compiled.map(({ promise }) => promise)).toEqual([
    { name: "mortgage_answer", due: 2 * DAY, owner: "credit" },
    { name: "mortgage_answer", due: 3 * DAY, owner: "credit" },
    { name: "reply", due: HOUR, owner: "desk" },
    { name: "reply", due: DAY, owner: "x" },
  ]);
});

test("a goal that is a number is an error that states the expected form", () => {
  expect(checkTexts("goals: {keep: 20}")).toMatchObject({
    ok: false,
    problems: [{ line: 1, path: "goals.keep", message: "expected a weight in percent, like {weight: 10}" }],
  });
});

test("the built-in promise takes due, owner and closed departments from the workspace; its owner need be no department", () => {
  const { promises } = policyOf("departments: [sales]\npromises:\n  reply: {due: 2h, owner: front-desk, whileOpen: {suppress: [sales]}}");
  const reply = { name: "reply", opens: ["message.received"], due: 2 * HOUR, owner: "front-desk", closes: [], suppress: ["sales"] };
  expect(promises).toEqual([reply]);
  expect(policyOf("departments: [sales]").promises).toEqual([{ ...reply, due: DAY, owner: "service", suppress: [] }]);
});

const NO_DURATION = "expected a duration like 30s, 15m, 3h, 7d or 4w";
test.each([
  ["asks: soon", "asks", NO_DURATION],
  ["asks: 30", "asks", NO_DURATION],
  ["anonymous: 0d", "anonymous", NO_DURATION],
  ["anonymous:", "anonymous", NO_DURATION],
  ["visitors: 30d", "visitors", "unknown key visitors; expected one of signals, duplicates, history, runs, audit, asks, anonymous"],
])("what is kept how long has a place and a remedy where it is wrong: %s", (line, key, message) => {
  expect(checkTexts(`name: T\nretention:\n  ${line}`)).toMatchObject({
    ok: false,
    problems: [{ file: "sentient.yaml", line: 3, path: `retention.${key}`, message }],
  });
});

describe("an experience that is asked", () => {
  const told = (experience: string) => {
    const checked = checkTexts("channels: {web: {kind: pull}, box: {kind: file}}", [experience], {
      tools: ["fetch_price", { name: "note_visit", effect: "record" }],
    });
    return checked.ok ? "" : checked.problems.map(({ path, message }) => `${path}: ${message}`).join();
  };
  const asked = (rest: string) => `channels: {web: {content: {a: A}}}\n${rest}`;

  test.each(["issue_offer, input: {percent: 5, validFor: 3h}", "update_traits, input: {traits: {a: 1}}", "open_case, input: {subject: A}"])(
    "may have an action that changes the record alone: %s",
    (action) => {
      expect(told(asked(`action: {tool: ${action}}`))).toBe("");
    },
  );

  test.each(["fetch_price", "http_request", "note_visit"])(
    "may have no other action: neither a tool that acts outside nor one of its own: %s",
    (tool) => {
      expect(told(asked(`action: {tool: ${tool}}`))).toMatch(
        /action\.tool: web is asked and its answer waits for nothing else; expected one of issue_offer, update_traits, open_case, open_promise/,
      );
    },
  );

  test("may have no conversation, and needs a channel that is asked for `asking` alone", () => {
    expect(told(asked("converse: {brief: Help}"))).toMatch(/converse: web is asked, and nobody writes there/);
    expect(told("serves: [asking]\nchannels: {box: {text: A}}")).toMatch(/asking is open only while a channel is asked/);
  });
});
