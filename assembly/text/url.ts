/** What the filter asks about URLs and their parts. */
export * from "./built-path";
export * from "./cookie";
export * from "./host";
export * from "./percent-encoding";
export * from "./request-target";
