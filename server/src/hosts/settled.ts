/** Waits for all, so that nothing runs on unseen, then fails with the first failure. */
export async function settled(works: readonly Promise<unknown>[], onFailure: (error: unknown) => void): Promise<void> {
  let failed = false;
  let first: unknown;
  const watch = (error: unknown): void => {
    if (!failed) first = error;
    failed = true;
    onFailure(error);
  };
  await Promise.all(works.map((each) => each.catch(watch)));
  if (failed) throw first;
}
