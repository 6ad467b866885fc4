/** What ssh asks through `SSH_ASKPASS`, told apart by its words. Pure. Source: readpass.c, sshconnect.c and sshconnect2.c of OpenSSH. */
export type SshQuestion =
  | {
      readonly kind: "host-key";
      /** The name the host is filed under. */
      readonly name: string;
      /** `SHA256:…`. */
      readonly fingerprint: string;
      /** Whether the fingerprint itself is taken as an answer (since OpenSSH 8.0). */
      readonly takesFingerprint: boolean;
    }
  | { readonly kind: "passphrase"; readonly file: string }
  | { readonly kind: "password" | "new-password" }
  /** Code of a hardware token; a wrong one counts, so none is ever given twice. */
  | { readonly kind: "pin"; readonly text: string }
  /** Nothing to answer: something to do, such as touching a key, until the question goes away. */
  | { readonly kind: "notice"; readonly text: string }
  /** A question of the host's own. */
  | { readonly kind: "answer"; readonly text: string };

/** `hint` is `SSH_ASKPASS_PROMPT`. */
export function readQuestion(prompt: string, hint: string): SshQuestion {
  if (hint === "none") return { kind: "notice", text: prompt };
  const authenticity = /^The authenticity of host '([^']*?)(?: \([^']*\))?' can't be established/.exec(prompt);
  const fingerprint = /key fingerprint is (SHA256:[A-Za-z0-9+/]{43})\./.exec(prompt)?.[1];
  if (authenticity?.[1] !== undefined && fingerprint !== undefined) {
    const takesFingerprint = /\(yes\/no\/\[fingerprint\]\)\? $/.test(prompt);
    return { kind: "host-key", name: authenticity[1], fingerprint, takesFingerprint };
  }
  const file = /^Enter passphrase for (?:\S+ )?key '(.+)': ?$/s.exec(prompt)?.[1];
  if (file !== undefined) return { kind: "passphrase", file };
  if (/^Enter PIN for /.test(prompt)) return { kind: "pin", text: prompt };
  if (/^(?:Enter|Retype) \S+'s (?:old|new) password: ?$/.test(prompt)) return { kind: "new-password" };
  if (/^[^\s()]+'s password: ?$/.test(prompt)) return { kind: "password" };
  // Since OpenSSH 8.5 questions of the host carry who is asked for; we say that ourselves.
  return { kind: "answer", text: prompt.replace(/^\([^()\s]*@[^()\s]*\) /, "") };
}
