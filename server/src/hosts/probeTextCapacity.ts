/** What a host has to spare, and whether its find takes starting points as they come: `capacity`, for the part that tells facts. */
export const capacityText = `capacity() {
  say cores "$(nproc 2>/dev/null)" load "$(head -c 200 /proc/loadavg 2>/dev/null)"
  say queue "$(printf '/.\\0' | find -files0-from - -maxdepth 0 -name . -printf yes 2>/dev/null)"
}
`;
