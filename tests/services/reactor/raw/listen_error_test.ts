import { describeBindError } from "../../../../services/reactor/raw/_listen_error.ts";
import { describeSystemError } from "../../../../services/reactor/raw/_system_error.ts";
import { assertEquals } from "../../../assert.ts";

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

const denied = systemError("EACCES", "Permission denied (os error 13)");

Deno.test("describeBindError() tells of the privilege for low ports alone", () => {
  assertEquals(
    describeBindError(denied, "0.0.0.0", 80),
    "permission denied; ports below 1024 need a privilege or a port above 1023",
  );
  assertEquals(describeBindError(denied, "0.0.0.0", 8080), "permission denied");
});

Deno.test("describeSystemError() drops the number and the call from words it has none better for", () => {
  assertEquals(describeSystemError(systemError("EPIPE", "Broken pipe (os error 32)")), "broken pipe");
  assertEquals(
    describeSystemError(systemError("EDQUOT", "connect EDQUOT: Quota exceeded")),
    "quota exceeded",
  );
  assertEquals(describeSystemError("odd"), "odd");
});

Deno.test("describeSystemError() names the flag when Deno itself refuses", () => {
  assertEquals(
    describeSystemError(new Deno.errors.NotCapable("Requires net access")),
    "not permitted; grant it with Deno's --allow-net",
  );
});
