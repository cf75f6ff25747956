import { ByteBuffer, Slice } from "as-bytes/assembly";
import { JsonPointer } from "../text/json";

/** The records that `{record:/pointer}` and `{lookup-name:/pointer}` take their values from. */
export abstract class RecordSource {
  /**
   * Writes the scalar that `pointer` leads to in the record of the named lookup, as text; an empty name is the record
   * that the template is applied for. False, and nothing written, when there is no such record or no scalar there.
   */
  abstract appendRecordValue(lookup: Slice, pointer: JsonPointer, into: ByteBuffer): bool;
}
