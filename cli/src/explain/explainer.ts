import type { PluginConfigSource } from "../plugin-config/index.ts";
import { type AddressOptions, readAddresses } from "./addresses.ts";
import { Answering } from "./answering.ts";
import type { ClientRequest } from "./client-request.ts";
import { explain } from "./explain.ts";
import type { Explanation } from "./explanation.ts";
import { type Outline, outlineOf } from "./outline.ts";
import { parseRecordedReplies } from "./recorded-reply.ts";
import { Recording } from "./recording.ts";
import { Secrets } from "./secrets.ts";
import { Session } from "./session.ts";
import { UsageError } from "./usage-error.ts";
import { vmEnvironment } from "./vm-environment.ts";

/** What the filter is run with, as people give it. */
export interface ExplainerOptions {
  /** The filter's release module. */
  readonly module: Uint8Array;
  readonly addresses: AddressOptions;
  /** Variables of the VM, `NAME=VALUE` or `NAME` each. */
  readonly environment?: readonly string[];
  /** A file of recorded replies: its name and text. */
  readonly replies?: { readonly file: string; readonly text: string } | undefined;
  /** Clusters without an address are unreachable. */
  readonly offline?: boolean;
  /** A real reply counts however late it comes. */
  readonly patient?: boolean;
  /** What the filter writes to Redis is really written. */
  readonly write?: boolean;
}

/** The filter under one configuration, which it has to accept, and what it does with one request after the other. */
export class Explainer {
  /** What real calls have replied so far. */
  readonly recording: Recording;
  readonly #session: Session;
  readonly #outline: Outline;
  readonly #secrets: Secrets;

  private constructor(session: Session, outline: Outline, secrets: Secrets, recording: Recording) {
    this.#session = session;
    this.#outline = outline;
    this.#secrets = secrets;
    this.recording = recording;
  }

  /** Starts the filter; a `UsageError` when something is wrong with the options. */
  static async start(source: PluginConfigSource, options: ExplainerOptions): Promise<Explainer> {
    const outline = outlineOf(source.json);
    const addresses = readAddresses(options.addresses, outline);
    const environment = vmEnvironment(options.environment ?? [], source, outline, {
      needsPassword: addresses.get(outline.webdis?.cluster ?? "") instanceof URL,
      own: process.env,
    });
    const { replies, offline = false, patient = false, write = false, module } = options;
    const recording = new Recording();
    const recorded = replies === undefined ? [] : parseRecordedReplies(replies.text, replies.file);
    const answering = new Answering(outline, { addresses, recorded, recording, offline, patient, write });
    const session = await Session.start({ module, configuration: source.json, environment, answering });
    return new Explainer(session, outline, Secrets.of(outline, environment), recording);
  }

  /** Sends a request; a `UsageError` when the filter makes a call that nothing answers. */
  async explain(request: ClientRequest): Promise<Explanation> {
    return explain(await this.#session.send(request), this.#outline, this.#secrets);
  }

  /** Lets time pass for the filter, all at once. */
  wait(milliseconds: number): void {
    this.#session.wait(milliseconds);
  }
}

/** Of the plugins of a file the one that looks up: one that only caches has nothing to explain yet. */
export function sourceWithLookups(sources: readonly PluginConfigSource[]): PluginConfigSource {
  const [first] = sources;
  if (first === undefined) throw new UsageError("CONFIG: there is no configuration in it");
  const withLookups = sources.filter(({ json }) => outlineOf(json).lookups.length > 0);
  if (withLookups.length > 1) {
    const documents = withLookups.map(({ document }) => document).join(", ");
    throw new UsageError(`CONFIG: there are several plugins with lookups: say which one with --name (${documents})`);
  }
  return withLookups[0] ?? first;
}
