/**
 * A typed array that grows in its place, without a copy that lives on beside it until it is collected: `make` builds it over memory of
 * which only the used part counts. It begins with room for `items`, and `grow` gives it room for more, at most `most`.
 */
export interface Column<T> {
  readonly items: T;
  grow(items: number): void;
}

interface ArrayKind<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): T;
}

export function column<T>(Kind: ArrayKind<T>, items: number, most: number): Column<T> {
  const width = Kind.BYTES_PER_ELEMENT;
  const buffer = new ArrayBuffer(items * width, { maxByteLength: most * width });
  return {
    items: new Kind(buffer),
    grow: (more) => buffer.resize(Math.min(more, most) * width),
  };
}
