import { describeFiltersOf } from "../support/suite.ts";

describeFiltersOf("rust");
