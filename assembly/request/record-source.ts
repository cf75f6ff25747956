import { Slice } from "as-bytes/assembly";
import { TemplatePart } from "./template-part";

/** The records that `{record:/pointer}` and `{lookup-name:/pointer}` take their values from. */
export abstract class RecordSource {
  /**
   * The scalar that the part's pointer leads to in its lookup's record, as text; `NONE` when there is no such record or
   * no scalar there. Good until the next value is taken.
   */
  abstract valueOf(part: TemplatePart): Slice;
}
