/** Each owner, group and mode that a tree has, once: a host has few different ones, whatever the number of its paths. */
export class OwnerTable {
  #uids = new Uint32Array(64);
  #gids = new Uint32Array(64);
  #modes = new Uint16Array(64);
  #size = 0;
  readonly #places = new Map<string, number>();
  /** For each of 256 classes the place last asked for, plus one: no text is made for what was just there. */
  readonly #recent = new Uint32Array(256);

  /** Where the three stand, added where they are new. Three times the same give the same place. */
  place(uid: number, gid: number, mode: number): number {
    const slot = (Math.imul(uid, 31) + Math.imul(gid, 17) + mode) & 0xff;
    const recent = (this.#recent[slot] ?? 0) - 1;
    if (recent >= 0 && this.#uids[recent] === uid && this.#gids[recent] === gid && this.#modes[recent] === mode)
      return recent;
    const key = `${uid}:${gid}:${mode}`;
    const place = this.#places.get(key) ?? this.#add(key, uid, gid, mode);
    this.#recent[slot] = place + 1;
    return place;
  }

  uid(place: number): number {
    return this.#uids[place] ?? 0;
  }

  gid(place: number): number {
    return this.#gids[place] ?? 0;
  }

  mode(place: number): number {
    return this.#modes[place] ?? 0;
  }

  #add(key: string, uid: number, gid: number, mode: number): number {
    const place = this.#size;
    this.#size += 1;
    if (place >= this.#uids.length) {
      const larger = <T extends Uint16Array | Uint32Array>(old: T, made: T): T => {
        made.set(old);
        return made;
      };
      this.#uids = larger(this.#uids, new Uint32Array(place * 2));
      this.#gids = larger(this.#gids, new Uint32Array(place * 2));
      this.#modes = larger(this.#modes, new Uint16Array(place * 2));
    }
    this.#uids[place] = uid;
    this.#gids[place] = gid;
    this.#modes[place] = mode;
    this.#places.set(key, place);
    return place;
  }
}
