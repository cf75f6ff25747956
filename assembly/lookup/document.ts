import { ByteBuffer, NONE, Slice } from "as-bytes/assembly";
import { JsonDocument, JsonKind } from "as-strict-json/assembly";
import { LookupConfig } from "../config/lookup-config";
import { ClientRequest } from "../request/client-request";
import { RecordKind, RecordReader, parseRecord } from "../route/record";
import { appendRecordValues } from "../route/record-values";
import { Application, Stage } from "./application";
import { RecordsAtHand } from "./found-records";

/** A record that is read when it arrives is read for nobody in particular. */
const NO_REQUEST = new ClientRequest();

/**
 * Reads the documents that tiers send to one lookup into what is worth keeping of them: the changes that they make, and
 * the values that templates need later.
 */
export class DocumentReader {
  /** When `read` said `Invalid`: what is wrong, and where. */
  problem: string = "";
  /** How long the record is good for, in milliseconds; -1 when it does not say. */
  ttl: i64 = -1;

  private json: JsonDocument = new JsonDocument();
  private records: RecordReader = new RecordReader(this.json);
  private applied: ByteBuffer = new ByteBuffer();
  private values: ByteBuffer = new ByteBuffer();
  private atHand: RecordsAtHand = new RecordsAtHand();

  constructor(
    private config: LookupConfig,
    /** The lookup's place in the configuration. */
    private index: i32,
    /** How the configuration applies its records; null where they say it themselves. */
    private application: Application | null,
  ) {}

  /** The changes that do not depend on the request; good until the next `read`. */
  get changes(): Slice {
    return this.application ? this.applied.view() : this.records.changes;
  }

  /** The values to keep, see `RecordValues`; good until the next `read`. */
  get keptValues(): Slice {
    return this.values.view();
  }

  read(document: Slice): RecordKind {
    const application = this.application;
    const kind = application ? this.readData(document, application) : this.readRecord(document);
    this.values.clear();
    // Values of what changes nothing are of no use: later lookups are not reached, or not with this record.
    if (kind == RecordKind.Changes) this.appendValues(this.config.keptValues);
    return kind;
  }

  /** Gives the memory back that the collector does not. */
  dispose(): void {
    this.json.dispose();
  }

  private readRecord(document: Slice): RecordKind {
    const kind = this.records.read(document);
    this.problem = this.records.problem;
    this.ttl = this.records.ttl;
    return kind;
  }

  /** With `apply` nothing in a document is interpreted but what templates name. */
  private readData(document: Slice, application: Application): RecordKind {
    this.ttl = -1;
    this.applied.clear();
    if (!parseRecord(this.json, document)) return this.invalid("bad JSON: " + this.json.error);
    // No value is in it that anybody asks for: it is somebody else's.
    if (this.config.values.length > 0 && !this.isContainer) return this.invalid("not an object or array");
    this.values.clear();
    this.appendValues(this.config.values.length);
    const records = this.atHand.with(this.index, this.values.view(), this.config.values.length, null);
    if (application.append(this.applied, Stage.Record, NO_REQUEST, NONE, records)) return RecordKind.Changes;
    return this.invalid(application.problem);
  }

  private get isContainer(): bool {
    const kind = this.json.kind(this.json.root);
    return kind == JsonKind.Object || kind == JsonKind.Array;
  }

  private appendValues(count: i32): void {
    if (count > 0) appendRecordValues(this.values, this.json, this.config.values, count);
  }

  private invalid(problem: string): RecordKind {
    this.problem = problem;
    return RecordKind.Invalid;
  }
}
