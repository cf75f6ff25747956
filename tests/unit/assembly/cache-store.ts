import { ByteBuffer, NONE, lengthOf, pointerOf } from "as-bytes/assembly";
import { EnvelopeWriter, StoredResponse } from "../../../assembly/cache/envelope";
import { InvalidationMarks } from "../../../assembly/cache/invalidation-marks";
import { MarkList } from "../../../assembly/cache/mark-list";
import { HitForMiss } from "../../../assembly/cache/hit-for-miss";
import { LatestAnswers } from "../../../assembly/cache/latest-answers";
import { Recency } from "../../../assembly/cache/recency";
import { RecordingBudget } from "../../../assembly/cache/recording";
import { StoredHeaders } from "../../../assembly/cache/stored-headers";
import { StoredResponses } from "../../../assembly/cache/stored-responses";
import { Visit } from "../../../assembly/cache/visit";
import { Place, WaitingList } from "../../../assembly/waiting/waiting-list";
import { Store } from "../../../assembly/store/store";
import { atMemoryEnd, bytesOf, copyOf, optionalCopyOf } from "./bytes";

const into = new ByteBuffer();
const marks = new MarkList();

/** When a URI was invalidated by the list; 0 for never. */
export function markListLatest(list: Uint8Array | null, uriHash: u64): i64 {
  marks.open(list ? atMemoryEnd(list) : NONE);
  return marks.latest(uriHash);
}

export function markListWith(list: Uint8Array | null, uriHash: u64, time: i64): Uint8Array {
  marks.open(list ? atMemoryEnd(list) : NONE);
  marks.writeWith(uriHash, time, into);
  return copyOf(into.view());
}

export function markListFloor(time: i64): Uint8Array {
  marks.writeFloor(time, into);
  return copyOf(into.view());
}

let hitForMiss = new HitForMiss(1, 2);

export function hitForMissNew(): void {
  hitForMiss.dispose();
  hitForMiss = new HitForMiss(1, 2);
}

export function hitForMissAdd(key: Uint8Array, now: i64): void {
  hitForMiss.add(bytesOf(key), now);
}

export function hitForMissRemove(key: Uint8Array): void {
  hitForMiss.remove(bytesOf(key));
}

export function hitForMissHas(key: Uint8Array, now: i64): bool {
  return hitForMiss.has(bytesOf(key), now);
}

const budget = new RecordingBudget(0);
let waiting = new WaitingList<Visit>();
let places: Array<Place<Visit>> = [];

/** An empty list, and as many places, by number, that are in none. */
export function waitingNew(count: i32): void {
  waiting = new WaitingList<Visit>();
  places = [];
  for (let i = 0; i < count; i++) {
    const visit = new Visit(budget);
    visit.stream = <u32>i;
    places.push(visit.waiterPlace);
  }
}

export function waitingPush(number: i32): void {
  waiting.push(places[number]);
}

export function waitingLeave(number: i32): void {
  places[number].leave();
}

/** The number of the first one; -1 for none. */
export function waitingFirst(): i32 {
  const first = waiting.first;
  return first ? <i32>first.stream : -1;
}

/** The one URI of all responses here, invalidated once. */
class OneMark extends InvalidationMarks {
  time: i64 = 0;

  latest(uriHash: u64): i64 {
    return this.time;
  }

  mark(uriHash: u64, time: i64): void {
    this.time = time;
  }
}

const mark = new OneMark();
let held = new Store(0, 0, 1, 2);
let responses = new StoredResponses(held, mark, new LatestAnswers(1, 2));
const opened = new StoredResponse();
const recency = new Recency();
const writer = new EnvelopeWriter();
const request = new StoredHeaders();

export function responsesNew(maxEntries: i32, maxBytes: i64): void {
  held.clear();
  held = new Store(maxEntries, maxBytes, 1, 2);
  responses = new StoredResponses(held, mark, new LatestAnswers(1, 2));
  mark.time = 0;
}

export function responsesInvalidate(time: i64): void {
  mark.time = time;
}

/** See `Finding`. */
export function responsesFind(primary: Uint8Array, requestFields: Uint8Array): i32 {
  request.begin(bytesOf(requestFields));
  return <i32>responses.find(bytesOf(primary), 0, request);
}

/** After `responsesFind`. */
export function responsesBody(): Uint8Array {
  return copyOf(responses.found.body);
}

export function responsesSoughtKey(): Uint8Array {
  return copyOf(responses.soughtKey);
}

/** Stores a response whose `Vary` lists these names, of that recency; false where there is no room. */
export function responsesWrite(
  primary: Uint8Array,
  names: Uint8Array,
  requestFields: Uint8Array,
  body: Uint8Array,
  generatedAt: i64,
  isDated: bool,
  requestTime: i64,
): bool {
  request.begin(bytesOf(requestFields));
  writer.status = 200;
  writer.key = bytesOf(primary);
  writer.fields = NONE;
  writer.terms.receivedAt = requestTime;
  writer.recency.set(generatedAt, isDated, requestTime);
  const room = responses.write(writer, bytesOf(names), request, body.length);
  if (room == NONE) return false;
  assert(lengthOf(room) == body.length);
  memory.copy(pointerOf(room), body.dataStart, <usize>body.length);
  return true;
}

/** After `responsesWrite`: the index that leads to it; null where none does. */
export function responsesIndex(): Uint8Array | null {
  return optionalCopyOf(responses.indexBytes);
}

export function responsesWrittenKey(): Uint8Array {
  return copyOf(responses.writtenKey);
}

/** Forgets the response under a key unless it is more recent than that. See `Removal`. */
export function responsesRemoveOutdated(key: Uint8Array, generatedAt: i64, requestTime: i64): i32 {
  recency.set(generatedAt, generatedAt > 0, requestTime);
  return responses.removeOutdated(bytesOf(key), recency);
}

const other = new Recency();

/** Sets the second one of two recencies. */
export function recencySetOther(generatedAt: i64, isDated: bool, requestTime: i64): void {
  other.set(generatedAt, isDated, requestTime);
}

/** Whether one is more recent than the second one. */
export function recencyIsMoreRecent(generatedAt: i64, isDated: bool, requestTime: i64): bool {
  recency.set(generatedAt, isDated, requestTime);
  return recency.isMoreRecentThan(other);
}

export function responsesRemove(primary: Uint8Array): void {
  responses.remove(bytesOf(primary));
}

export function responsesUnwrite(): void {
  responses.removeWritten();
}

export function responsesAdoptIndex(key: Uint8Array, bytes: Uint8Array, now: i64): bool {
  return responses.adoptIndex(bytesOf(key), bytesOf(bytes), now);
}

/** Where it lies then; null where it does not. */
export function responsesAdopt(primary: Uint8Array, bytes: Uint8Array): Uint8Array | null {
  opened.open(bytesOf(bytes));
  return optionalCopyOf(responses.adopt(bytesOf(primary), opened, bytesOf(bytes)));
}

export function responsesSettle(key: Uint8Array, since: i64): void {
  responses.settle(bytesOf(key), since);
}

export function responsesHeld(): i32 {
  return held.entries;
}

/** The bytes under a key; null for none. */
export function responsesRaw(key: Uint8Array): Uint8Array | null {
  return optionalCopyOf(held.find(bytesOf(key)));
}

/** The key of that place under which a response to the request may lie; null where there is no such place. */
export function responsesKeyAt(primary: Uint8Array, requestFields: Uint8Array, place: i32): Uint8Array | null {
  request.begin(bytesOf(requestFields));
  return responses.appendKeyAt(into.clear(), bytesOf(primary), request, place) ? copyOf(into.view()) : null;
}
