import { expect, test } from "vitest";
import { consentWordIn } from "./opt-words.ts";

test.each([
  "STOP",
  "stop",
  " Stop. ",
  "S.T.O.P!",
  '"STOP"',
  "stop all",
  "STOPALL",
  "Unsubscribe",
  "cancel",
  "END",
  "quit",
  "REVOKE",
  "opt-out",
  "Arrêt",
  "arret",
  "ARRETER",
  "stopp",
  "Abmelden",
  "BAJA",
  "Parar",
  "afmelden",
  "Отписаться",
  "стоп",
  "退订",
  "配信停止",
  "수신거부",
  "إيقاف",
  "रोकें",
  "Ｓｔｏｐ",
])("%j opts out", (text) => expect(consentWordIn(text)).toBe("stop"));

test.each(["START", "start", " Unstop! ", "opt in"])("%j opts in again", (text) => expect(consentWordIn(text)).toBe("start"));

test.each([
  "Stop texting me",
  "please do not stop",
  "non-stop service?",
  "yes",
  "YES",
  "no",
  "help",
  "",
  "   ",
  "!!!",
  "the end",
  "cancel my appointment",
  `stop${" ".repeat(200)}`,
])("%j is left to a human", (text) => expect(consentWordIn(text)).toBeUndefined());
