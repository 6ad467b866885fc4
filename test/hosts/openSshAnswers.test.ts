import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { forgetSecrets } from "../../server/src/hosts/identitiesSecrets";
import { SshAnswers } from "../../server/src/hosts/openSshAnswers";
import { SshLog } from "../../server/src/hosts/openSshLog";
import type { Prompter } from "../../server/src/hosts/port";
import { resolveSettings } from "../../server/src/hosts/sshConfig";
import { answering, newPlace } from "./support/place";

const ignore = () => undefined;
const newLog = () => new SshLog({ onHostKey: ignore, onLogin: ignore, onSigning: ignore });

async function answers(prompter: Prompter, failures: unknown[] = [], log = newLog()) {
  const place = newPlace();
  place.host("juni", 22);
  const signal = new AbortController().signal;
  const settings = await resolveSettings({ host: "juni" }, { sshConfigFile: place.config, signal, log: ignore });
  place.remove();
  const book = { settings, host: "juni (josh@127.0.0.1:22)", stateFolder: "", entries: [], names: ["127.0.0.1"] };
  const context = { books: [{ ...book, log: ignore, onEvent: ignore }], prompter, log: ignore, login: () => log.login };
  return new SshAnswers({ ...context, fail: (error) => failures.push(error) });
}

test("a touch of a token is shown until it is done, and answered with nothing", async () => {
  const shown: string[] = [];
  let removed = 0;
  const notice = (message: string) => {
    shown.push(message);
    return () => void removed++;
  };
  const asker = await answers({ ...answering({}), notice });
  const touched = new AbortController();
  const answer = asker.answer(
    { prompt: "Confirm user presence for key\u001b[2J ED25519-SK", hint: "none" },
    touched.signal,
  );
  await setImmediate();
  assert.deepEqual([shown, removed], [["Confirm user presence for key [2J ED25519-SK"], 0]);
  touched.abort();
  assert.equal(await answer, null);
  assert.equal(removed, 1);
});

test("the PIN of a token is asked for each time: a wrong one counts", async () => {
  forgetSecrets();
  const prompter = answering({ secrets: ["1234", "4321"] });
  const asker = await answers(prompter);
  const question = { prompt: "Enter PIN for ED25519-SK key /home/josh/id: ", hint: "" };
  const signal = new AbortController().signal;
  assert.equal(await asker.answer(question, signal), "1234");
  asker.succeeded();
  assert.equal(await asker.answer(question, signal), "4321");
});

test("the host key of a host that is not on the way is not accepted, nor asked about", async () => {
  const prompter = answering({ hostKey: "always" });
  const prompt = `The authenticity of host 'elsewhere (10.0.0.9)' can't be established.\nED25519 key fingerprint is SHA256:${"a".repeat(43)}.\nAre you sure you want to continue connecting (yes/no/[fingerprint])? `;
  const answer = await (await answers(prompter)).answer({ prompt, hint: "" }, new AbortController().signal);
  assert.equal(answer, "no");
  assert.equal(prompter.hostKeys.length, 0);
});

test("a new password is refused with what to do", async () => {
  const failures: unknown[] = [];
  const asker = await answers(answering({ secrets: ["x"] }), failures);
  const question = { prompt: "Enter josh@juni's old password: ", hint: "" };
  assert.equal(await asker.answer(question, new AbortController().signal), null);
  assert.match(String(failures[0]), /new password: log in once with ssh/);
});

test("a remembered password goes to the host that ssh itself names, whatever a banner says", async () => {
  forgetSecrets();
  const log = newLog();
  const key = `ssh-ed25519 SHA256:${"a".repeat(43)}`;
  const at = (host: string) =>
    log.push(Buffer.from(`debug1: Authenticating to ${host}:22 as 'josh'\ndebug1: Server host key: ${key}\n`));
  const prompter = answering({ secrets: ["for juni", "for gate"] });
  const asker = await answers(prompter, [], log);
  const signal = new AbortController().signal;
  at("127.0.0.1");
  assert.equal(await asker.answer({ prompt: "josh@127.0.0.1's password: ", hint: "" }, signal), "for juni");
  asker.succeeded();
  assert.equal(
    await asker.answer({ prompt: "josh@127.0.0.1's password: ", hint: "" }, signal),
    "for juni",
    "remembered",
  );
  // Lines of another host's banner, then its question.
  at("127.0.0.1");
  assert.equal(await asker.answer({ prompt: "josh@gate's password: ", hint: "" }, signal), "for gate");
  assert.equal(prompter.secrets[1]?.prompt, "Password for josh@gate");
});

test("a question of the host in the words of ssh gets no remembered passphrase", async () => {
  const log = newLog();
  log.push(Buffer.from("debug1: Next authentication method: keyboard-interactive\n"));
  const prompter = answering({ secrets: ["typed"] });
  const asker = await answers(prompter, [], log);
  const question = { prompt: "Enter passphrase for key '/home/josh/.ssh/id': ", hint: "" };
  assert.equal(await asker.answer(question, new AbortController().signal), "typed");
  assert.equal(prompter.secrets[0]?.kind, "answer");
  assert.match(prompter.secrets[0]?.prompt ?? "", /^juni .* asks: Enter passphrase/);
});
