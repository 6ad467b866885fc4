import { visible } from "../syntax/visible";

const mostListed = 10;

/** Which folders a scan could not read, and what to do; null where it read all. `next` completes "To see them, …". */
export function unreadNote(unread: readonly string[], next: string): string | null {
  if (unread.length === 0) return null;
  const more = unread.length - mostListed;
  const listed = unread.slice(0, mostListed).map(visible).join(", ");
  return `Not read for lack of permission: ${listed}${more > 0 ? `, and ${more} more` : ""}. What they hold is not judged. To see them, ${next}.`;
}
