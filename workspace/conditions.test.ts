import { describe, expect, test } from "vitest";
import { viewOf, withMoment } from "../domain/record/view.ts";
import type { Scope } from "../domain/values/condition.ts";
import type { JsonObject } from "../domain/values/json.ts";
import { DAY, HOUR } from "../domain/values/time.ts";
import { aCustomer, aMoment, aPromise, aSignal, aTouch, at, NOW, signalWake, timerWake } from "../testing/builders.ts";
import { policyOf } from "../testing/policy.ts";
import { compileCondition, compileNumber } from "./conditions.ts";

const TRAITS = {
  firstName: "Ann",
  n: 5,
  half: 2.5,
  vip: true,
  flag: "yes",
  digits: "5",
  list: [1, 2, 3],
  holes: [null, 1],
  items: [{ price: 3 }, { name: "shoe" }],
  lease: { endsOn: "2026-06-08", at: "2026-06-02T03:00:00Z", bad: "soon" },
  birthday: "1990-06-02",
  stage: "loyal",
  "first name": "Ann",
};

const customer = aCustomer({
  traits: TRAITS,
  openCases: ["k-1"],
  promises: [aPromise({ due: NOW + DAY })],
  consents: { sms: "granted" },
  touches: [
    aTouch({ at: NOW - DAY, channel: "sms" }),
    aTouch({ at: NOW - 7 * DAY, channel: "sms" }),
    aTouch({ at: NOW - 2 * DAY, kind: "visit", channel: "visit" }),
  ],
  recent: { "page.viewed": [NOW - HOUR, NOW - HOUR + 1, NOW] },
  seen: { "grocery.purchased": { at: NOW, seq: 1, count: 3, gap: 7 * DAY } },
});

function scopeOf({ data, timer = false }: { data?: JsonObject; timer?: boolean } = {}): Scope {
  const policy = policyOf("goals: {keep: {weight: 20}}", ["value: 900\ngoal: keep\nserves: [m]\ndepartment: sales"]);
  const wake = timer ? timerWake("review") : signalWake(aSignal("go", data ?? { page: "/shoes", nothing: null, deep: { nothing: null } }));
  const experience = policy.experiences[0] ?? expect.fail("there is one");
  return withMoment(viewOf(customer, policy, wake, NOW).scope, aMoment({ openedAt: NOW - HOUR, data: { code: "x" } }), experience);
}

function ask(text: string, scope: Scope = scopeOf()) {
  const compiled = compileCondition(text);
  if (!compiled.ok) throw new Error(`${text}: ${compiled.problem}`);
  return compiled.value.ask(scope).outcome;
}

describe("the value of a condition", () => {
  test.each<[string, "met" | "unmet" | "missing" | "mistyped"]>([
    // What is there.
    ["customer.vip", "met"],
    ["!customer.vip", "unmet"],
    ["customer.firstName == 'Ann'", "met"],
    ["customer['first name'] == 'Ann'", "met"],
    ["customer.list[0] == 1", "met"],
    ["customer.items[0].price > 2", "met"],
    ["'loyal' == customer.stage && customer.n in [1, 5]", "met"],
    ["true", "met"],
    ["false", "unmet"],
    // What is missing makes it false, also under ! and !=.
    ["customer.missing", "missing"],
    ["!customer.missing", "missing"],
    ["customer.missing == null", "missing"],
    ["customer.missing != 'x'", "missing"],
    ["customer.missing.deeper > 1", "missing"],
    ["customer.lease.missing == 1", "missing"],
    ["customer.firstName.missing == 1", "missing"],
    ["!(customer.missing > 3)", "missing"],
    ["size(customer.missing) == 0", "missing"],
    ["customer.missing.exists(i, i > 1)", "missing"],
    ["!customer.missing.exists(i, i > 1)", "missing"],
    ["customer.items.all(i, i.price > 2)", "missing"],
    ["customer.list[9] == 1", "missing"],
    ["customer.list[9] != 1", "missing"],
    ["customer.missing in [1, 2]", "missing"],
    ["'x' in customer.missing", "missing"],
    ["signal.data.nothing == 'x'", "missing"],
    ["signal.data.nothing != 'x'", "missing"],
    ["signal.data.nothing == null", "missing"],
    ["signal.data.nothing", "missing"],
    ["!signal.data.nothing", "missing"],
    ["signal.data.deep.nothing != 1", "missing"],
    ["customer.constructor == 1", "missing"],
    ["customer.__proto__ == 1", "missing"],
    // … unless &&, || or ?: decide without it.
    ["customer.missing || true", "met"],
    ["true || customer.missing", "met"],
    ["customer.missing > 3 || customer.vip", "met"],
    ["false && customer.missing", "unmet"],
    ["customer.missing && false", "unmet"],
    ["customer.missing && true", "missing"],
    ["customer.missing || false", "missing"],
    ["customer.vip ? true : customer.missing", "met"],
    ["customer.vip ? customer.missing : true", "missing"],
    ["customer.missing ? true : true", "missing"],
    ["customer.items.exists(i, i.name == 'shoe')", "met"],
    // has() asks without reading.
    ["has(customer.lease.endsOn)", "met"],
    ["has(customer.lease.missing)", "unmet"],
    ["has(customer.missing.deeper.still)", "unmet"],
    ["!has(customer.missing.deeper)", "met"],
    ["has(customer.firstName.first)", "unmet"],
    ["has(customer['first name'])", "met"],
    ["has(customer.list[0])", "met"],
    ["has(customer.list[9])", "unmet"],
    ["has(customer.items[1].price)", "unmet"],
    ["has(signal.data.page)", "met"],
    ["has(signal.data.nothing)", "unmet"],
    ["!has(signal.data.nothing)", "met"],
    ["has(customer.constructor)", "unmet"],
    // Types that do not compare, and values that are not true or false.
    ["customer.flag", "mistyped"],
    ["!customer.flag", "mistyped"],
    ["customer.flag && true", "mistyped"],
    ["customer.vip && customer.flag", "mistyped"],
    ["customer.vip ? customer.flag : false", "mistyped"],
    ["customer.n", "mistyped"],
    ["customer.lease", "mistyped"],
    ["customer.digits > 3", "mistyped"],
    ["customer.firstName < 6", "mistyped"],
    ["customer.n > true", "mistyped"],
    ["customer.n == '5'", "unmet"],
    ["customer.n != '5'", "met"],
    ["customer.lease > 3", "mistyped"],
    ["customer.n.exists(i, i > 1)", "mistyped"],
    ["size(customer.n) == 1", "mistyped"],
    // What does not compare counts before what is missing, whichever comes first; and neither where something decides.
    ["customer.missing > 3 || customer.firstName > 6", "mistyped"],
    ["customer.firstName > 6 || customer.missing > 3", "mistyped"],
    ["customer.missing > 3 && customer.flag", "mistyped"],
    ["customer.flag && customer.missing > 3", "mistyped"],
    ["customer.missing > 3 || (customer.vip && customer.firstName > 6)", "mistyped"],
    ["customer.missing > 3 || (false && customer.firstName > 6)", "missing"],
    ["customer.missing > 3 || !(customer.firstName > 6)", "mistyped"],
    ["!(customer.missing > 3 && (customer.firstName > 6))", "mistyped"],
    ["customer.missing > 3 || ((customer.n + 1) * 2 > 3 && customer.missing == ')') || (customer.firstName) > (6)", "mistyped"],
    ["customer.missing > 3 || ((customer.n + 1) * 2 > 3 && customer.missing == ')') || customer.firstName == '('", "missing"],
    ["customer.vip ? (customer.missing > 3 || customer.flag) : false", "mistyped"],
    ["customer.missing > 3 || customer.flag || customer.vip", "met"],
    // Numbers are one kind.
    ["customer.n == 5", "met"],
    ["customer.n == 5.0", "met"],
    ["5 == customer.n", "met"],
    ["1 == 1.0", "met"],
    ["customer.n + 1 == 6", "met"],
    ["customer.n - 0.5 == 4.5", "met"],
    ["customer.n * 2 == 10", "met"],
    ["customer.n / 2 == 2.5", "met"],
    ["customer.n % 2 == 1", "met"],
    ["7 / 2 == 3.5", "met"],
    ["7 % 4 == 3", "met"],
    ["size(customer.list) / size(customer.items) == 1.5", "met"],
    ["size(customer.list) in [1, 3]", "met"],
    ["customer.list.size() == 3.0", "met"],
    ["size(customer.firstName) == 3", "met"],
    ["size(customer.lease) == 3", "met"],
    ["customer.n in [1, 5.0]", "met"],
    ["customer.half in [1, 2.5]", "met"],
    ["[1, 2] == [1.0, 2.0]", "met"],
    ["customer.list == [1, 2, 3]", "met"],
    ["(customer.vip ? 1 : 2.5) == 1", "met"],
    ["customer.n > 4 && customer.n < 5.5", "met"],
    ["-customer.n < 0", "met"],
    ["customer.list.map(x, x * 2) == [2, 4, 6]", "met"],
    ["customer.list[size(customer.list) - 1] == 3", "met"],
    ["'abc'.substring(0, 1) == 'a'", "met"],
    ["experience.value == 900", "met"],
    ["experience.value > 899.5", "met"],
    ["moment.urgency in [0.5, 1]", "met"],
    // What is always there.
    ["customer.id == 'c-1'", "met"],
    ["customer.timezone == 'America/Chicago'", "met"],
    ["customer.locale == ''", "met"],
    ["customer.openCases == 1", "met"],
    ["customer.goals == []", "met"],
    ["customer.consents.exists(c, c.channel == 'sms' && c.status == 'granted')", "met"],
    ["customer.promises.exists(p, p.name == 'reply' && hoursUntil(p.due) == 24)", "met"],
    ["signal.type == 'go' && signal.source == 'web' && signal.data.page == '/shoes'", "met"],
    ["moment.name == 'm' && moment.data.code == 'x' && hoursSince(moment.openedAt) == 1", "met"],
    ["experience.id == 'e' && experience.department == 'sales' && experience.goal == 'keep'", "met"],
    ["'m' in experience.serves && !experience.transactional", "met"],
    ["now == timestamp('2026-06-01T15:00:00Z') && signal.time == now", "met"],
    ["now.getHours('Pacific Standard Time') == 8 && now.getHours('GMT+02:00') == 17", "met"],
    ["now - moment.openedAt >= duration('1h')", "met"],
    // Our own functions.
    ["daysUntil(customer.lease.endsOn) == 7", "met"],
    ["daysUntil(customer.lease.endsOn) in [30, 7, 1]", "met"],
    ["daysSince(customer.lease.endsOn) == -7", "met"],
    ["daysUntil(customer.lease.at) == 0.5", "met"],
    ["hoursUntil(customer.lease.at) == 12", "met"],
    ["hoursSince(customer.lease.at) == -12", "met"],
    ["daysUntilAnniversary(customer.birthday) == 1", "met"],
    ["daysUntil(now) == 0", "met"],
    ["daysUntil(customer.lease.bad) > 1", "missing"],
    ["!(daysUntil(customer.lease.bad) > 1)", "missing"],
    ["daysUntil(customer.n) > 1", "missing"],
    ["daysUntil(customer.list) > 1", "missing"],
    ["daysUntil(customer.missing) > 1", "missing"],
    ["touches('7d') == 2", "met"],
    ["touches('8d') == 3", "met"],
    ["touches('7d', 'sms') == 1", "met"],
    ["touches('7d', 'email') == 0", "met"],
    ["count('page.viewed', '1h') == 2", "met"],
    ["count('page.viewed', '2h') >= 3", "met"],
    ["count('other', '2h') == 0", "met"],
    ["cadence('grocery.purchased') == 7", "met"],
    ["cadence('other') > 1", "missing"],
    // Parts of a time.
    ["now.getHours() == 15", "met"],
    ["now.getHours('America/Chicago') == 10", "met"],
    ["now.getHours(customer.timezone) >= 9 && now.getHours(customer.timezone) < 18", "met"],
    ["now.getMinutes('Asia/Kolkata') == 30", "met"],
    ["now.getDayOfWeek('America/Chicago') in [1, 2, 3]", "met"],
    ["now.getDate('Pacific/Kiritimati') == 2", "met"],
    ["now.getMonth() == 5 && now.getFullYear() == 2026 && now.getDayOfMonth() == 0 && now.getDayOfYear() == 151", "met"],
    ["now.getHours('Nowhere') == 10", "mistyped"],
    ["now.getHours(customer.missing) == 10", "missing"],
    ["(now - moment.openedAt).getMinutes() == 60", "met"],
    // Patterns.
    ["customer.firstName.matches('^A')", "met"],
    ["customer.firstName.matches('x')", "unmet"],
    ["customer.n.matches('x')", "mistyped"],
  ])("%s is %s", (text, wanted) => {
    expect(ask(text)).toBe(wanted);
  });

  test("a pattern cannot be stalled by its input", () => {
    const scope = scopeOf({ data: { text: `${"a".repeat(5_000)}!` } });
    expect(ask("signal.data.text.matches('^(a+)+$')", scope)).toBe("unmet");
  });

  test.each([
    ["signal.type == 'go'", "missing"],
    ["signal.type != 'go'", "missing"],
    ["!(signal.data.page == 'x')", "missing"],
    ["has(signal.data.page)", "unmet"],
    ["!has(signal.type)", "met"],
    ["customer.vip || signal.type == 'go'", "met"],
  ])("when a timer woke, %s is %s", (text, wanted) => {
    expect(ask(text, scopeOf({ timer: true }))).toBe(wanted);
  });

  test.each([
    ["customer.missing > 1", "customer.missing is missing"],
    ["customer.lease.missing == customer.other", "customer.lease.missing is missing"],
    ["daysUntil(customer.lease.bad) > 1", "customer.lease.bad is there but is no date"],
    ["customer.vip && hoursSince(customer.lease['bad']) > 1", "customer.lease['bad'] is there but is no date"],
    ["daysUntil(customer.lease.missing) > 1", "customer.lease.missing is missing"],
    ["customer.flag", "its value is string, expected true or false"],
    ["customer.digits > 3", "no such overload: dyn<string> > double"],
  ])("of %s it says: %s", (text, detail) => {
    const compiled = compileCondition(text);
    expect(compiled.ok && compiled.value.ask(scopeOf())).toMatchObject({ detail });
  });
});

describe("invalid conditions", () => {
  test.each([
    ["customer.lease.endsOn <=", "Unexpected", 24],
    ["customr.lease", "Unknown variable: customr", 0],
    ["customer.vip && customr.x", "Unknown variable: customr", 16],
    ["size(customer.list) > 1 && 2 > 1 && customr.x", "Unknown variable: customr", 36],
    ["daysTil(customer.x) > 1", "unknown function daysTil; did you mean daysUntil?", 0],
    ["customer.name.startWith('A')", "unknown function startWith; did you mean startsWith?", 0],
    ["daysUntil() > 1", "found no matching overload for 'daysUntil()'", 0],
    ["experience.valu > 1", "No such key: valu", 11],
    ["signal.dat.x", "No such key: dat", 7],
    ["moment.nme == 'x'", "No such key: nme", 7],
    ["count('page.viewed', '1h')", "gives double, expected true or false", 0],
    ["'yes'", "gives string, expected true or false", 0],
    ["has(customer)", "has() expects a field", 4],
    ["touches(7)", "touches() expects its window as text, like '7d'", 0],
    ["touches('week') > 1", "touches() expects its window as text, like '7d'", 0],
    ["touches(customer.window) > 1", "touches() expects its window as text, like '7d'", 0],
    ["customer.vip && count('x', customer.w) > 1", "count() expects its window as text, like '7d'", 16],
    ["count(customer.type, '1h') > 1", "count() expects the signal type as text", 0],
    ["size(1) > 1", "found no matching overload for 'size(", 0],
    ["customer.firstName.matches('(')", "matches() expects a pattern", 0],
    ["'a' + 1 == 'a1'", "no such overload: string + double", 0],
    ["experience.value == 'x'", "no such overload: double == string", 0],
    [`${"(".repeat(300)}true${")".repeat(300)}`, "", 0],
  ])("%s", (text, problem, column) => {
    const compiled = compileCondition(text);
    expect(compiled.ok).toBe(false);
    if (compiled.ok) return;
    expect(compiled.problem).toContain(problem);
    if (problem !== "") expect(compiled.column).toBe(column);
  });
});

test("a condition states how far back it looks", () => {
  const compiled = compileCondition(
    "touches('7d') > 1 || count('page.viewed', '1h') > 2 || customer.items.exists(i, touches('30d', 'sms') > 1)",
  );
  expect(compiled.ok && compiled.windows).toEqual([{ windowMs: 7 * DAY }, { type: "page.viewed", windowMs: HOUR }, { windowMs: 30 * DAY }]);
});

test("a nested evaluation has its own scope", () => {
  const inner = compileCondition("customer.openCases == 0");
  const outer = compileCondition("touches('7d') == 2 && customer.openCases == 1");
  const scope = scopeOf();
  const nested: Scope = {
    ...scope,
    touches: (windowMs) => (inner.ok && inner.value.ask(scope).outcome === "unmet" ? scope.touches(windowMs) : -1),
  };
  expect(outer.ok && outer.value.ask(nested).outcome).toBe("met");
});

describe("an expression that gives a number", () => {
  test.each<[string, number | undefined]>([
    ["cadence('grocery.purchased') * 1.5", 10.5],
    ["customer.n + 2", 7],
    ["7", 7],
    ["size(customer.list)", 3],
    ["customer.missing", undefined],
    ["customer.digits", undefined],
    ["customer.vip", undefined],
    ["customer.lease", undefined],
    ["customer.n / 0", undefined],
  ])("%s gives %j", (text, wanted) => {
    const compiled = compileNumber(text);
    expect(compiled.ok && compiled.value.value(scopeOf())).toBe(wanted);
  });

  test.each(["'7d'", "true", "customer.n +", "now"])("%s does not", (text) => {
    expect(compileNumber(text).ok).toBe(false);
  });
});

test("the time in a condition is the instant of the wake", () => {
  const scope = { ...scopeOf(), now: at("2027-01-01T00:00:00Z") };
  expect(ask("now.getFullYear() == 2027 && daysSince(customer.lease.endsOn) == 206", scope)).toBe("met");
});
