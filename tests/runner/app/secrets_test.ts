import { isSecretName, Secrets } from "../../../runner/app/secrets.ts";
import { assert, assertEquals, assertFalse } from "../../assert.ts";

function secrets(...values: string[]): Secrets {
  const all = new Secrets();
  for (const value of values) all.add(value);
  return all;
}

Deno.test("Secrets hides a secret wherever it stands", () => {
  assertEquals(
    secrets("hunter2").redact('Cannot parse "tcp:hunter2" or hunter2'),
    'Cannot parse "tcp:***" or ***',
  );
});

Deno.test("Secrets hides a secret however it is spelled", () => {
  const all = secrets('a "b"\nc/d');
  assertEquals(all.redact('"a \\"b\\"\\nc/d"'), '"***"');
  assertEquals(all.redact("https://x/?p=a%20%22b%22%0Ac%2Fd"), "https://x/?p=***");
});

Deno.test("Secrets hides a secret that was cut short", () => {
  const long = "0123456789".repeat(20);
  assertEquals(secrets(long).redact(`Cannot use "${long.slice(0, 120)}..."`), 'Cannot use "***..."');
});

Deno.test("Secrets hides what is quoted where the value itself is secret, but leaves apostrophes alone", () => {
  assertEquals(
    secrets("tcp:x:y").redact(`Don't use "x" for 'y' or \`z\``, true),
    "Don't use \"***\" for '***' or `***`",
  );
});

Deno.test("Secrets looks for tiny secrets at their own place alone", () => {
  assertEquals(secrets("a1").redact("a1 in a1"), "a1 in a1");
  assertEquals(secrets("a1").redact("a1 in a1", true), "*** in ***");
});

Deno.test("Secrets knows nothing when empty", () => {
  assertEquals(secrets("").redact("plain"), "plain");
});

Deno.test("isSecretName() goes by the name", () => {
  for (const name of ["DB_PASSWORD", "apiKey", "GITHUB_TOKEN", "client_secret"]) assert(isSecretName(name));
  for (const name of ["HOST", "PORT", "HOME"]) assertFalse(isSecretName(name));
});
