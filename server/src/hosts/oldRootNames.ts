/** What the names of older roots say: when they were made, and which is the empty one that each boot starts from. */

/** After a word and a separator, or at the beginning. */
const start = `^(?:.*[^0-9])?`;
/** What may follow a time: a fraction, a time zone. */
const end = String.raw`(?:[.,]\d+)?(?:Z|UTC|[+-]\d{2}:?\d{2})?$`;
/** `2026-11-21_09-30-00`, `2026-11-21T09:30:00`, `2026-11-1-09:30`, `2026.11.21 09.30`; months, days and hours may lack their zero. */
const spelled = new RegExp(
  String.raw`${start}(\d{4})[-._](\d{1,2})[-._](\d{1,2})(?:[-_T. @](\d{1,2})[-:.h_](\d{2})(?:[-:.m_](\d{2})s?)?)?${end}`,
);
/** `20261121T093000`, `20261121-0930`, `20261121093000`, `20261121`. */
const compact = new RegExp(String.raw`${start}(\d{4})(\d{2})(\d{2})(?:[-_T.]?(\d{2})(\d{2})(\d{2})?)?${end}`);
/** Seconds since the epoch, from 2001 to 2286. */
const counted = new RegExp(String.raw`${start}([1-9]\d{9})$`);

/**
 * The time that a name carries, in seconds since the epoch, as if it were written in UTC: good for an order, since one script writes
 * all names in the same way. Null where there is none.
 */
export function timeInName(name: string): number | null {
  const seconds = counted.exec(name)?.[1];
  if (seconds !== undefined) return Number(seconds);
  const match = spelled.exec(name) ?? compact.exec(name);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  if (year < 1970 || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 60) return null;
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (day < 1 || day > daysInMonth) return null;
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

/** `root-blank`, `@blank`, `@root-blank`, `rootfs_empty`: as the common scripts call the snapshot that a root is rolled back to. */
const blank = /^@?(?:root(?:fs)?[-_.@]?)?(?:blank|empty|clean|pristine)$/i;

export function isBlankName(name: string): boolean {
  return blank.test(name);
}
