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
  /** `who`: `josh@10.0.0.4`, as ssh itself says it. */
  | { readonly kind: "password"; readonly who: string }
  | { readonly kind: "new-password" }
  /** Code of a hardware token; a wrong one counts, so none is ever given twice. */
  | { readonly kind: "pin"; readonly text: string }
  /** Nothing to answer: something to do, such as touching a key, until the question goes away. */
  | { readonly kind: "notice"; readonly text: string }
  /** A question of the host's own; `who` is null before OpenSSH 8.5. */
  | { readonly kind: "answer"; readonly who: string | null; readonly text: string };

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
  const who = /^([^\s()]+@[^\s()]+)'s password: ?$/.exec(prompt)?.[1];
  if (who !== undefined) return { kind: "password", who };
  // Since OpenSSH 8.5 questions of the host carry who is asked for.
  const asked = /^\(([^()\s]*@[^()\s]*)\) /.exec(prompt);
  return { kind: "answer", who: asked?.[1] ?? null, text: prompt.slice(asked?.[0].length ?? 0) };
}
