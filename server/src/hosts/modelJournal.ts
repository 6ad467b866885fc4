/** A path that something missed or could not use in this boot, as the journal tells. */
export interface JournalRecord {
  /** `forgejo.service`; null where the entry names none. */
  readonly unit: string | null;
  /** Absolute, without `.` and `..`. */
  readonly path: string;
  readonly what: "missing" | "denied" | "read-only" | "failed";
  /** The first such message, fit to be shown: without control characters, cut, what looks like a secret taken out. */
  readonly message: string;
  /** Of that message, seconds since the epoch; null where it is not told. */
  readonly time: number | null;
  /** How many entries say the same. */
  readonly count: number;
}
