export * from "./slice";
export * from "./buffer";
export * from "./owned";
export * from "./memory";
export * from "./ascii";
export * from "./utf8";
export * from "./hash";
