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
])("%j ends messages", (text) => expect(consentWordIn(text)).toBe("stop"));

test.each(["START", "start", " Unstop! ", "opt in"])("%j asks for messages again", (text) => expect(consentWordIn(text)).toBe("start"));

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
])("%j is for a human to read", (text) => expect(consentWordIn(text)).toBeUndefined());
