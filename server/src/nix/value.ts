import type { Span } from "../syntax/span";

/**
 * What is statically known of a Nix expression, as plain data that outlives the syntax tree.
 * `unknown` carries the reason; nothing may be concluded from it. Parentheses are already removed, but `span` covers them.
 * `span` is the expression at the place of use; elements and bindings of lists and sets keep the spans of where they are written.
 */
export type Value =
  | StringValue
  | PathValue
  | { readonly kind: "integer" | "float"; readonly text: string; readonly span: Span }
  | { readonly kind: "bool"; readonly value: boolean; readonly span: Span }
  | { readonly kind: "null"; readonly span: Span }
  | ListValue
  | AttrsValue
  | { readonly kind: "function"; readonly span: Span }
  | UnknownValue;

export interface StringValue {
  readonly kind: "string";
  /** The evaluated text, escapes resolved. */
  readonly text: string;
  readonly span: Span;
  /** `resolved` where it took a name or a computation to get it; absent where it is a literal. */
  readonly certainty?: "resolved";
}

/** A path such as `/var/log` or `./x` (no quotes), as written; a computed one without `.`, `..` and doubled slashes. */
export interface PathValue {
  readonly kind: "path";
  readonly text: string;
  readonly span: Span;
}

export interface ListValue {
  readonly kind: "list";
  readonly elements: readonly ListElement[];
  /**
   * Every `[ … ]` literal that contributes unconditionally, as it is and to nothing else, in order; where an entry could be added.
   * Spans include the brackets.
   */
  readonly literals: readonly Span[];
  /** Parts of the list that are not understood: the list has at least `elements`, maybe more. */
  readonly unknown: readonly UnknownValue[];
  readonly span: Span;
}

/** A place in another file than the one a value is used in. */
export interface Origin {
  /** Absolute path. */
  readonly file: string;
  readonly span: Span;
}

export interface ListElement {
  readonly value: Value;
  /** True when the element is only there under a condition whose truth is not known (`lib.optional`, `lib.mkIf`, `if`). */
  readonly conditional: boolean;
  /** Present where the text of the value's span is not this element alone: it is computed, or other lists have it too. */
  readonly shared?: true;
  /** Where it is written, if that is in another file; the spans of its value are then those of the place of use. */
  readonly origin?: Origin;
}

export interface AttrsValue {
  readonly kind: "attrs";
  readonly bindings: readonly Binding[];
  readonly recursive: boolean;
  /** Every `{ … }` literal that contributes unconditionally and to nothing else; where a binding could be added. Spans include the braces. */
  readonly literals: readonly Span[];
  /** Parts whose attributes are not known (`inherit (x) …` sources are bindings with unknown values instead). */
  readonly unknown: readonly UnknownValue[];
  readonly span: Span;
}

/** `a.b.c = value;` or one name of an `inherit`. */
export interface Binding {
  readonly path: readonly AttrName[];
  readonly value: Value;
  /** The whole binding, with its `;`. */
  readonly span: Span;
  readonly conditional: boolean;
  /** Present where the text of the spans is not this binding alone: it is computed, or other sets have it too. */
  readonly shared?: true;
}

/** One segment of an attribute path; `name` is null where it is computed and not known. */
export interface AttrName {
  readonly name: string | null;
  readonly span: Span;
  readonly quoted: boolean;
}

export interface UnknownValue {
  readonly kind: "unknown";
  /** Why it is not known, for people: "`cfg.directories` is not resolved". */
  readonly reason: string;
  readonly span: Span;
  /** Present where it is in another repository. */
  readonly foreign?: true;
}
