/** What is known about paths on NixOS: pure data and look-ups. */
export { type Advice, adviceBelow, coveringAdvice, lookup } from "./advice";
export { type AtomicRewrite, atomicRewrite } from "./atomic";
export { type HoverContext, hoverMarkdown, hoverPlain, type LiveFacts } from "./hover";
export { isUnknown, nearestAdvice } from "./nearest";
