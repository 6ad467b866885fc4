/** Reads the letters of a Nix text one after the other, for `outline.ts`: the code units of what is read, and what ends where. */
export class Letters {
  #wordStart = -1;
  #wordEnd = -1;

  constructor(
    protected readonly text: string,
    protected at: number,
    /** Where the text ends that is read. */
    protected readonly end: number,
  ) {}

  /** The next letter that is neither blank nor in a comment; -1 at the end, -2 where something is not understood. */
  protected next(): number {
    const { text, end } = this;
    for (; this.at < end; this.at++) {
      const letter = text.charCodeAt(this.at);
      if (letter === 32 || (letter >= 9 && letter <= 13)) continue;
      if (letter === 35 /* # */) {
        const line = text.indexOf("\n", this.at);
        this.at = line === -1 || line >= end ? end - 1 : line;
      } else if (letter === 47 /* / */ && text.charCodeAt(this.at + 1) === 42 /* * */) {
        const close = text.indexOf("*/", this.at + 2);
        if (close === -1 || close + 2 > end) return -2;
        this.at = close + 1;
      } else return letter;
    }
    return -1;
  }

  protected take(letter: number): boolean {
    if (this.next() !== letter) return false;
    this.at++;
    return true;
  }

  protected takeText(text: string): boolean {
    this.next();
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  protected takeWord(word: string): boolean {
    this.next();
    if (this.keyword() !== word || this.isPath()) return false;
    this.at += word.length;
    return true;
  }

  /** Where the name or keyword here ends; nowhere else where there is none. The same word is asked for several times, to tell what it begins. */
  protected wordEnd(): number {
    const { text, at } = this;
    if (at === this.#wordStart) return this.#wordEnd;
    let end = at;
    if (isFirst(text.charCodeAt(at)))
      do end++;
      while (isNamed(text.charCodeAt(end)));
    this.#wordStart = at;
    this.#wordEnd = end;
    return end;
  }

  /** The keyword here; empty where there is none. */
  protected keyword(end = this.wordEnd()): string {
    const { text, at } = this;
    // Most names are longer, or begin with another letter.
    if (end - at < 2 || end - at > 7 || !beginsKeyword(text.charCodeAt(at))) return "";
    const word = text.slice(at, end);
    return keywords.has(word) ? word : "";
  }

  /** Takes `a.b.c`, where it is that and nothing else: neither blanks nor keywords in it. */
  protected takeDotted(): boolean {
    const start = this.at;
    for (;;) {
      const end = this.wordEnd();
      if (end === this.at || this.keyword(end) !== "") break;
      this.at = end;
      const letter = this.text.charCodeAt(this.at);
      if (letter === 46 /* . */ && isFirst(this.text.charCodeAt(this.at + 1))) this.at++;
      else if (letter === 46 || letter === 47 || letter === 43 || this.isBeforeDot()) break;
      else return true;
    }
    this.at = start;
    return false;
  }

  /** Whether a dot follows, after blanks. */
  private isBeforeDot(): boolean {
    const { at } = this;
    const isDot = this.next() === 46;
    this.at = at;
    return isDot;
  }

  /** Whether a path begins here: `./x`, but `a/b`, too. What is too long to look at each time is taken for one that is not understood. */
  protected isPath(): boolean {
    const { text } = this;
    let at = this.wordEnd();
    const limit = at + longestSegment;
    while (isOfPath(text.charCodeAt(at))) if (++at > limit) return true;
    if (text.charCodeAt(at) !== 47 /* / */) return false;
    while (text.charCodeAt(at) === 47) at++;
    return isOfPath(text.charCodeAt(at)) || text[at] === "$";
  }

  /** Takes a path up to its end or a `${`; false where it is no path as people write them. */
  protected takePath(): boolean {
    const start = this.at;
    this.skipPathLetters();
    const path = this.text.slice(start, this.at);
    return (
      path.includes("/") &&
      !path.includes("//") &&
      (!path.endsWith("/") || this.text[this.at] === "$") &&
      this.text[this.at] !== "~"
    );
  }

  protected skipPathLetters(): void {
    for (let letter = this.text.charCodeAt(this.at); isOfPath(letter) || letter === 47; )
      letter = this.text.charCodeAt(++this.at);
  }

  /** `<nixpkgs>` */
  protected isSearchPath(): boolean {
    searchPath.lastIndex = this.at;
    return searchPath.test(this.text);
  }

  /** `<nixpkgs>` or `~/x` */
  protected takeOther(): boolean {
    other.lastIndex = this.at;
    if (!other.test(this.text)) return false;
    this.at = other.lastIndex;
    return true;
  }

  /** Plain numbers. */
  protected takeNumber(): boolean {
    number.lastIndex = this.at;
    if (!number.test(this.text)) return false;
    this.at = number.lastIndex;
    return true;
  }

  protected takeOperator(): boolean {
    this.next();
    operator.lastIndex = this.at;
    if (!operator.test(this.text)) return false;
    this.at = operator.lastIndex;
    return true;
  }

  /** Whether the colon at an offset is none of a URL. */
  protected isBehindColon(at: number): boolean {
    const letter = this.text.charCodeAt(at + 1);
    return letter <= 32 || letter === 123 || letter === 91 || letter === 40 || letter === 34; // `{`, `[`, `(`, `"`
  }

  /** Reads on in a `"…"`; null where it does not end. */
  protected stringStop(): "end" | "hole" | "escape" | null {
    const { text, end } = this;
    for (let { at } = this; at < end; at++) {
      const letter = text.charCodeAt(at);
      if (letter === 34 /* " */) {
        this.at = at + 1;
        return "end";
      }
      if (letter === 92 /* \ */) {
        this.at = at + 2;
        return "escape";
      }
      if (letter === 0) return null;
      if (letter !== 36 /* $ */) continue;
      const following = text.charCodeAt(at + 1);
      if (following === 123 /* { */) {
        this.at = at;
        return "hole";
      }
      if (following === 0) return null;
      if (following !== 34 && following !== 92) at++;
    }
    return null;
  }

  /** Reads on in a `''…''`; null where it does not end. */
  protected indentedStop(): "end" | "hole" | null {
    const { text, end } = this;
    for (let { at } = this; at < end; at++) {
      const letter = text.charCodeAt(at);
      if (letter === 0) return null;
      if (letter === 36 /* $ */) {
        const following = text.charCodeAt(at + 1);
        if (following === 0) return null;
        if (following === 123 /* { */) {
          this.at = at;
          return "hole";
        }
        if (following !== 39) at++;
      } else if (letter === 39 /* ' */ && text.charCodeAt(at + 1) === 39) {
        const following = text.charCodeAt(at + 2);
        if (following === 39 || following === 36) at += 2;
        else if (following === 92 /* \ */) at += 3;
        else {
          this.at = at + 2;
          return "end";
        }
      }
    }
    return null;
  }
}

const keywords: ReadonlySet<string> = new Set("if then else let inherit in rec with assert or".split(" "));

/** Longer names of files are not written by people. */
const longestSegment = 300;

const searchPath = /<[\w.+-]+(?:\/[\w.+-]+)*>/y;
const other = /<[\w.+-]+(?:\/[\w.+-]+)*>|~(?:\/[\w.+-]+)+(?![\w.+/$-])/y;
const number = /(?:0|[1-9]\d*)(?:\.\d+)?(?![\w.])/y;
const operator = /==|!=|<=|>=|->|&&|\|\||\+\+?|\/\/|[-*](?!>)|<(?!\|)|>|\/(?![/*])/y;

function isFirst(letter: number): boolean {
  return (letter >= 97 && letter <= 122) || (letter >= 65 && letter <= 90) || letter === 95;
}

/** `a`, `e`, `i`, `l`, `o`, `r`, `t`, `w` */
function beginsKeyword(letter: number): boolean {
  return (
    letter === 97 ||
    letter === 101 ||
    letter === 105 ||
    letter === 108 ||
    letter === 111 ||
    letter === 114 ||
    letter === 116 ||
    letter === 119
  );
}

function isNamed(letter: number): boolean {
  return isFirst(letter) || (letter >= 48 && letter <= 57) || letter === 39 || letter === 45; // `'`, `-`
}

/** Letters of paths besides the slash. */
function isOfPath(letter: number): boolean {
  return isFirst(letter) || (letter >= 48 && letter <= 57) || letter === 45 || letter === 43 || letter === 46; // `-`, `+`, `.`
}
