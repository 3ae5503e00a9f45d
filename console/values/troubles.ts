/** A failure in words: what it means, and what the reader can do. */
export interface Trouble {
  readonly title: string;
  readonly todo: string;
}

/** A failure as it is known here. `Problem` of console/api/client.ts is one. */
export interface Failure {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}

/**
 * The words of a failed request. The server's own words are in `title` (what its code means) and `detail` (what happened). A read is
 * asked again; a change never by itself.
 */
export function troubleOf({ status, title, detail }: Failure, isAskedAgain = true): Trouble {
  const later = isAskedAgain ? "It is asked again by itself." : "What you have typed stays: press the button again in a moment.";
  const say = (todo: string, heading = title): Trouble => ({
    title: capital(heading),
    todo: [detail && sentence(detail), todo].filter(Boolean).join(" "),
  });
  if (status === 0) return say("It is asked again when you press the button.", "the server does not answer");
  if (status === 401) return say("Sign in; what you have typed stays.", "you are signed out");
  if (status === 403) return say("Ask an administrator for a key with that permission.", "your role does not allow this");
  if (status === 404)
    return say(
      "It may never have existed, or its time was over and it was forgotten: see retention in the policy.",
      "there is no such thing here",
    );
  if (status === 409) return say("Look again: the newer state is on its way.", "somebody was faster");
  if (status === 413) return say("Send less at once.");
  if (status === 429) return say(later, "too many requests");
  if (status === 400 || status === 422) return say("");
  if (status === 503) return say(later, "the server is busy or its database does not answer");
  return say("The log of the server says more.");
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
/** A text as a sentence: with a capital and a full stop. */
export const sentence = (text: string): string => (/[.!?]$/.test(text) ? capital(text) : `${capital(text)}.`);
