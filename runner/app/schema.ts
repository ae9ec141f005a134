import { z } from "zod";
import { duration, size } from "../../services/plugin/zod.ts";
import { GRANT_NAMES } from "./grants.ts";
import { LOG_FORMATS, LOG_LEVELS } from "../log/options.ts";

/**
 * The application file's own part, as schemas: what is not a plugin's options. Services and groups are
 * validated one by one (see `units.ts`), so here they are only known to be mappings.
 */

const STRATEGIES = ["one-for-one", "rest-for-one", "one-for-all"] as const;

const strategy = z.enum(STRATEGIES).describe(
  "Which siblings restart with a failed one: it alone (default), it and those declared after it, or all",
);

const mapping = z.record(z.string(), z.unknown());

const unitPaths = z.array(z.string().min(1));

const backoff = z.strictObject({
  initial: duration().optional().describe("The first delay; default 100ms"),
  factor: z.number().min(1).max(100).optional().describe("What each delay is multiplied by; default 2"),
  max: duration().optional().describe("The longest delay; default 30s"),
  resetAfter: duration().optional().describe("Ready for so long, its failures are forgotten; default 60s"),
}).describe("The delay before a restart, drawn between half of it and all of it");

const giveUp = z.union([
  z.literal("never"),
  z.strictObject({
    failures: z.int().min(0).describe("More failures than this"),
    within: duration().describe("Within this time end it as failed"),
  }),
]).describe("When to stop restarting; default never, and 5 failures within 30s for what is significant");

/** What services and groups have in common. */
const unitShape = {
  needs: unitPaths.optional().describe(
    "Units that it is bound to: it starts when they are ready and stops before they stop",
  ),
  after: unitPaths.optional().describe("Units that must be ready before it starts; order only"),
  restart: z.enum(["permanent", "transient", "temporary"]).optional().describe(
    "Start it again whatever happened (default), unless it finished on purpose, or never",
  ),
  significant: z.boolean().optional().describe("When it fails for good, its group fails; default false"),
  backoff: backoff.optional(),
  giveUp: giveUp.optional(),
};

const granted = z.union([z.boolean(), z.array(z.string().min(1))]);

const permissions = z.strictObject({
  net: granted.optional().describe("Hosts, with or without port, to connect to: example.com:443"),
  read: granted.optional().describe("Files and folders to read"),
  write: granted.optional().describe("Files and folders to write"),
  env: granted.optional().describe("Environment variables to see, beside those under env"),
  run: granted.optional().describe("Programs to run; what they do is not confined"),
  sys: granted.optional().describe("Facts about the system: hostname, osRelease, ..."),
  ffi: granted.optional().describe("Dynamic libraries; what they do is not confined"),
  import: granted.optional().describe("Hosts to import modules from as it runs"),
}).describe("What its process may do beyond what the plugin declares; true: everything of that kind");

const account = z.union([z.string().min(1), z.int().min(0)]);

/** What only a service in a process of its own can be given. */
const processShape = {
  replicas: z.union([z.int().min(1).max(256), z.literal("auto")]).optional().describe(
    "How many processes serve it, on the same sockets; auto: one for each processor; default 1",
  ),
  permissions: permissions.optional(),
  memory: size().optional().describe("Most memory of its heap; default what V8 takes"),
  user: account.optional().describe("Run its process as this user, where the runner is root"),
  group: account.optional().describe("And with this group; default the user's own"),
  umask: z.string().regex(/^0?[0-7]{3}$/, 'must be three octal digits in quotes, like "027"').optional()
    .describe("File mode creation mask of its process; default the runner's"),
  cwd: z.string().min(1).optional().describe("Working folder of its process; default the runner's"),
  env: z.union([z.array(z.string().min(1)), z.record(z.string().min(1), z.string())]).optional().describe(
    "Its environment: names to pass on, or names and values; default empty",
  ),
  heartbeat: duration().optional().describe(
    "How long its event loop may be silent before the process is killed; default 10s",
  ),
};

/** Keys that mean nothing to a service on the runner's own reactor. */
export const PROCESS_KEYS: readonly string[] = Object.keys(processShape);

/** One service. */
export const serviceSchema = z.strictObject({
  plugin: z.string().min(1).describe(
    "A built-in plugin's name, a path relative to this file (./chat.ts), npm:, jsr: or https:",
  ),
  ...unitShape,
  startTimeout: duration().optional().describe("Until it must be ready; default 10s"),
  stopTimeout: duration().optional().describe(
    "From the request to stop until what is left is cut; default 10s",
  ),
  needsGrace: duration().optional().describe(
    "How long it waits for a crashed need to be ready again before it restarts too; default 5s",
  ),
  holdFor: duration().optional().describe(
    "How long its listening sockets stay open for its successor after a crash; default 5s",
  ),
  healthInterval: duration().optional().describe("Between two checks of its health; default 10s"),
  grants: z.array(z.enum(GRANT_NAMES)).optional().describe(
    "What of the application's own it may have: control, to start, stop and reload what is in it; default nothing",
  ),
  singleton: z.boolean().optional().describe(
    "Of all runners that share a registry's backend, one at a time runs it; it needs the registry. Default false",
  ),
  isolate: z.enum(["inline", "process"]).optional().describe(
    "Run it on the runner's reactor (default), or in a process of its own",
  ),
  ...processShape,
  options: z.unknown().optional().describe("The plugin's options"),
}).describe("A service");

/** A group: a supervisor of its own. */
export const groupSchema = z.strictObject({
  strategy: strategy.optional(),
  services: mapping.describe("Its services and groups, in the order of declaration"),
  ...unitShape,
}).describe("A group of services with a supervisor of its own");

const logFile = z.union([
  z.string().min(1),
  z.strictObject({
    path: z.string().min(1).describe("Relative to the working directory"),
    maxSize: size().optional().describe("Rotate at this size; default 10MiB"),
    keep: z.int().min(0).max(1000).optional().describe("Old files that are kept; default 5"),
    maxAge: duration().optional().describe("Rotate after this time, whatever the size; default never"),
  }),
]);

const log = z.strictObject({
  level: z.enum(LOG_LEVELS).optional().describe("How much is logged; default info"),
  format: z.enum(LOG_FORMATS).optional().describe(
    "auto (default): pretty on a terminal, JSON lines elsewhere",
  ),
  file: logFile.optional().describe("Log to this file, with rotation; default standard error"),
  services: z.record(z.string(), z.enum(LOG_LEVELS)).optional().describe(
    "Levels of single services or groups, by path",
  ),
}).describe("Where and how much is logged");

const include = z.array(z.string().min(1)).describe(
  "Files whose services join this one's, before them; relative to this file",
);
const services = mapping.describe("The services and groups, in the order of declaration");

const control = z.union([z.literal(false), z.string().min(1)]).describe(
  "The control socket: a path, or with / at its end the folder in which it is NAME.sock; off: none. " +
    "Default: NAME.sock in $XDG_RUNTIME_DIR/heddle or /run/heddle",
);

/** The main file. */
export const applicationFileSchema = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,64}$/, "must be 1 to 64 letters, digits, dots, dashes or underscores")
    .optional().describe("The application's name; default the file's name"),
  include: include.optional(),
  log: log.optional(),
  control: control.optional(),
  supervision: z.strictObject({ strategy: strategy.optional() }).optional().describe(
    "How the outermost services are supervised",
  ),
  services: services.optional(),
});

/** A file that another one includes. */
export const includedFileSchema = z.strictObject({
  include: include.optional(),
  services: services.optional(),
});

/** What can be a unit's name. No dots: they join paths. No number: JavaScript would move it to the front. */
export const UNIT_NAME: RegExp = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

export type ApplicationFile = z.output<typeof applicationFileSchema>;
export type ServiceSettings = z.output<typeof serviceSchema>;
export type GroupSettings = z.output<typeof groupSchema>;
/** The `log:` part as written. */
export type LogSettings = z.output<typeof log>;
