/** A piece of a module, offered where a module's options are typed. Places to fill in are written `«1:default»`. */
export interface Template {
  readonly label: string;
  readonly detail: string;
  /** Offered only where the file has none of it yet: a root file system, a storage, lists of one. */
  readonly needs: "layout" | "storage" | "lists";
  readonly text: string;
}
