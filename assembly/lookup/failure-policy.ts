import { Action, BAD_REQUEST } from "../config/action";
import { LookupConfig } from "../config/lookup-config";
import { FailureClass } from "../tier/outcome";

/** What a request falls back on whose lookup has no record for it. */
export enum Resort {
  /** The stored record, although it is stale. */
  Stale,
  /** Nothing: it goes on without this lookup's changes. */
  Continue,
  /** The configured answer. */
  Answer,
}

/** The configured action for a lookup that found no record (`None`) or failed with a class. */
export function actionFor(config: LookupConfig, failure: FailureClass): Action {
  const byClass = config.onErrorByClass;
  if (failure == FailureClass.None) return config.onMiss;
  if (!byClass) return config.onError;
  switch (failure) {
    case FailureClass.Timeout:
      return byClass.timeout;
    case FailureClass.Unavailable:
      return byClass.unavailable;
    case FailureClass.Invalid:
      return byClass.invalid;
    default:
      return byClass.overload;
  }
}

/**
 * The action for a request that is at fault itself: its key is too long, or its path climbs. Any client can send such ones,
 * so they neither pass unrouted nor look like trouble of ours, unless the configuration says it of this very class.
 */
export function actionForMalformed(config: LookupConfig): Action {
  const byClass = config.onErrorByClass;
  return byClass && byClass.namesInvalid ? byClass.invalid : BAD_REQUEST;
}

/**
 * What to fall back on: the one place that decides it. A usable stale record goes before any action, because a tier's
 * trouble does not unmake what was known; a tier that says there is no record does.
 */
export function resortFor(config: LookupConfig, failure: FailureClass, hasStale: bool): Resort {
  if (failure != FailureClass.None && hasStale) return Resort.Stale;
  return actionFor(config, failure).isAnswer ? Resort.Answer : Resort.Continue;
}
