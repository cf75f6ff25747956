import { ByteBuffer, NONE, Slice, sub } from "as-bytes/assembly";
import { RecordSource } from "../request/record-source";
import { TemplatePart } from "../request/template-part";
import { RecordValues } from "../route/record-values";

/** Of each record: its lookup, how many values it has, and where they begin and end. */
const PLACE: i32 = 4;

/** What the lookups before have found for one request, as far as templates of later ones use it. */
export class FoundRecords extends RecordSource {
  private bytes: ByteBuffer = new ByteBuffer();
  private places: Array<i32> = [];
  private values: RecordValues = new RecordValues();

  /** How many bytes it keeps. */
  get size(): i32 {
    return this.bytes.length;
  }

  /** Keeps a copy of the `count` values of that lookup's record. */
  keep(lookup: i32, values: Slice, count: i32): void {
    this.places.push(lookup);
    this.places.push(count);
    this.places.push(this.bytes.length);
    this.bytes.bytes(values);
    this.places.push(this.bytes.length);
  }

  valueOf(part: TemplatePart): Slice {
    const places = this.places;
    for (let i = 0; i + PLACE <= places.length; i += PLACE) {
      if (places[i] != part.lookup) continue;
      const bytes = sub(this.bytes.view(), places[i + 2], places[i + 3]);
      return this.values.open(bytes, places[i + 1]).value(part.slot);
    }
    return NONE;
  }

  /** Forgets them all, and gives their memory back when it is more than `most` bytes. */
  shrink(most: i32): void {
    this.bytes.shrink(most);
    this.places.length = 0;
  }
}

/** Those, and before them the record that a template is applied for. */
export class RecordsAtHand extends RecordSource {
  private own: RecordValues = new RecordValues();
  private lookup: i32 = -1;
  private found: FoundRecords | null = null;

  /** `values` are the `count` values of the record of `lookup`. */
  with(lookup: i32, values: Slice, count: i32, found: FoundRecords | null): RecordsAtHand {
    this.lookup = lookup;
    this.own.open(values, count);
    this.found = found;
    return this;
  }

  valueOf(part: TemplatePart): Slice {
    if (part.lookup == this.lookup) return this.own.value(part.slot);
    const found = this.found;
    return found ? found.valueOf(part) : NONE;
  }
}
