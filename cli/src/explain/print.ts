import { type Paint, plural } from "../terminal.ts";
import type { Header } from "./call-outcome.ts";
import type { Change } from "./changes.ts";
import { valueInBody } from "./reply-mark.ts";
import type {
  Decision,
  Explanation,
  LookupExplanation,
  QuestionExplanation,
  ReplyExplanation,
  TierStep,
} from "./explanation.ts";

/** How much of a body is shown on one line, in characters. */
const SHOWN_BODY = 160;

/** The explanation for people, as lines. `count` is how often the request is sent. */
export function explanationText(explanation: Explanation, number: number, count: number, paint: Paint): string {
  return new ExplanationPrinter(explanation, paint).print(count === 1 ? "" : `, ${number} of ${count}`).join("\n");
}

/** Lays out one explanation: labels in one column, what they are about in the next. */
class ExplanationPrinter {
  readonly #lines: string[] = [];
  readonly #explanation: Explanation;
  readonly #paint: Paint;
  readonly #width: number;

  constructor(explanation: Explanation, paint: Paint) {
    this.#explanation = explanation;
    this.#paint = paint;
    const { decision } = explanation;
    const names = decision.kind === "continue" ? decision.changes.map(({ name }) => name.length) : [];
    this.#width = Math.max(10, ...names) + 2;
  }

  print(numbering: string): string[] {
    const { request, lookups, responseCache, decision, afterwards, report, shadow, warnings } = this.#explanation;
    this.#lines.push(
      this.#paint("bold", `${request.method} ${request.url}`) + this.#paint("dim", numbering),
      ...this.#headers(request.headers),
    );
    if (request.bodyBytes !== undefined)
      this.#lines.push(this.#paint("dim", `  a body of ${plural(request.bodyBytes, "byte")}`));
    for (const lookup of lookups) this.#lookup(lookup);
    if (responseCache.length > 0) this.#lines.push("", this.#paint("bold", "response cache"));
    for (const step of responseCache) this.#tier(step);
    this.#decision(decision);
    if (shadow !== undefined) this.#shadow(shadow);
    if (afterwards.length > 0) this.#heading("afterwards", "without the request waiting");
    for (const step of afterwards) this.#tier(step);
    for (const warning of warnings) this.#heading("warning", this.#paint("yellow", warning));
    this.#heading("report", report === "" ? this.#paint("dim", "none") : report);
    return this.#lines;
  }

  #lookup(lookup: LookupExplanation): void {
    this.#lines.push("", this.#paint("bold", `lookup ${lookup.lookup}`));
    const { result } = lookup;
    if (result === undefined) {
      this.#row("match", this.#paint("dim", "not reached: the request is answered before"));
      return;
    }
    this.#row("match", lookup.matched ? "yes" : this.#paint("dim", "no"));
    if (lookup.key !== undefined) this.#row("key", lookup.key);
    if (lookup.local !== undefined) this.#row("local", lookup.local === "hit" ? `hit${age(result.age)}` : lookup.local);
    for (const step of lookup.asked) this.#tier(step);
    const isFailed = result.tier === "none" && lookup.key !== undefined;
    const text = [`tier=${result.tier}`, ...(result.reason === "" ? [] : [`reason=${result.reason}`])].join("; ");
    if (lookup.matched) this.#row("result", isFailed ? this.#paint("yellow", text) : text);
  }

  #tier({ tier, question, reply, answer, reason }: TierStep): void {
    if (question === undefined) this.#row(tier, this.#paint("dim", "not asked"));
    else this.#question(tier, question);
    if (reply !== undefined) this.#row("", `${question?.answeredBy ?? "nobody"}: ${replyText(reply, tier)}`);
    else if (question !== undefined) this.#row("", "not sent: that takes --write");
    if (answer !== undefined) this.#row("", this.#answer(answer, reason));
  }

  #question(tier: string, question: QuestionExplanation): void {
    const { command, method, path, cluster, headers, bodyBytes, timeoutMilliseconds: limit } = question;
    const call = `${method} ${path}`;
    this.#row(tier, command?.map(printable).join(" ") ?? call);
    const details = [
      ...(command === undefined ? [] : [call]),
      `cluster ${cluster}${limit > 0 ? `, within ${limit} ms` : ""}`,
      ...headers.map(headerText),
      ...(bodyBytes === 0 ? [] : [`a body of ${plural(bodyBytes, "byte")}`]),
    ];
    for (const line of details) this.#row("", this.#paint("dim", line));
  }

  #answer(answer: string, reason = ""): string {
    const text = `→ ${answer}${reason === "" ? "" : `: ${reason}`}`;
    return answer === "found" || answer === "miss" ? this.#paint("green", text) : this.#paint("yellow", text);
  }

  #decision(decision: Decision): void {
    if (decision.kind === "answer") {
      const by = decision.by === "signpost" ? "the request is answered" : `the request is answered by ${decision.by}`;
      this.#heading("decision", this.#paint("yellow", `${by}: ${decision.status}`));
      for (const header of decision.headers) this.#row("", headerText(header));
      if (decision.body !== "") this.#row("", shortened(decision.body));
      return;
    }
    const isChanged = decision.changes.length > 0;
    const route = decision.routeChosenAnew ? "; the proxy chooses its route anew" : "";
    this.#heading("decision", this.#paint("green", `the request goes on${isChanged ? "" : " as it came"}${route}`));
    for (const change of decision.changes) this.#row(change.name, changeText(change, this.#paint));
  }

  #shadow(lines: readonly string[]): void {
    this.#heading("shadow", "nothing is changed; without shadow:");
    for (const line of lines) this.#row("", line);
    if (lines.length === 0) this.#row("", this.#paint("dim", "nothing either"));
  }

  #headers(headers: readonly Header[]): string[] {
    return headers.map((header) => this.#paint("dim", `  ${headerText(header)}`));
  }

  #heading(label: string, text: string): void {
    this.#lines.push("", `${this.#paint("bold", label.padEnd(this.#width))}${text}`);
  }

  #row(label: string, text: string): void {
    this.#lines.push(`  ${label.padEnd(this.#width - 2)}${text}`);
  }
}

function replyText(reply: ReplyExplanation, tier: string): string {
  const after = ` after ${reply.milliseconds} ms`;
  if (reply.failure !== undefined) {
    const detail = reply.detail === undefined ? "" : ` (${reply.detail})`;
    const isUnknown = reply.failure === "unknown cluster";
    return `${reply.failure}${isUnknown ? ": the proxy has none of this name" : after}${detail}`;
  }
  const { status = 0, bodyBytes = 0, body = "" } = reply;
  return `${status}${after}${bodyBytes === 0 ? ", no body" : `, ${plural(bodyBytes, "byte")}: ${shortened(tier === "webdis" ? valueInBody(body) : body)}`}`;
}

function changeText({ before, after }: Change, paint: Paint): string {
  const values = (list: readonly string[], none: string): string =>
    list.length === 0 ? paint("dim", none) : list.map((value) => (value === "" ? '""' : printable(value))).join(", ");
  return `${values(before, "(none)")} → ${values(after, "(removed)")}`;
}

function headerText([name, value]: Header): string {
  return `${name}: ${printable(value)}`;
}

function age(seconds: number | undefined): string {
  return seconds === undefined ? "" : `, ${seconds} s old`;
}

function shortened(text: string): string {
  const shown = printable(text);
  return shown.length > SHOWN_BODY ? `${shown.slice(0, SHOWN_BODY)}…` : shown;
}

/** Text without anything that could move the cursor or hide what follows. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
    return short ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
