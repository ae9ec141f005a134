import { didYouMean } from "../../services/text/closest.ts";
import { quote } from "../../services/text/quote.ts";
import { isAnswered } from "./claim.ts";
import { type RuntimeEnvironment, runtimeFolders, socketIn } from "./runtime_folders.ts";

/** There is no runner to speak to, or it is not plain which one. */
export class NoRunnerError extends Error {
  override readonly name = "NoRunnerError";
}

/** Which runner is meant. */
export interface RunnerChoice {
  /** The application's name. */
  readonly app: string | undefined;
  /** Its socket; one that ends in `/` is a folder of sockets. */
  readonly control: string | undefined;
}

/**
 * The control socket of the runner that is meant; without a choice, of the only one that runs.
 * @throws {NoRunnerError} when there is none, or there are several, with what to do
 */
export async function findRunner(choice: RunnerChoice, environment: RuntimeEnvironment): Promise<string> {
  const given = choice.control ?? environment.env("HEDDLE_CONTROL");
  const where = given === "" || given === "off" ? undefined : given;
  if (where !== undefined && !where.endsWith("/")) {
    if (await isAnswered(where)) return where;
    throw new NoRunnerError(`No application answers at "${where}"`);
  }
  const folders = where === undefined ? runtimeFolders(environment) : [where];
  const running = await runnersIn(folders);
  if (choice.app !== undefined) return named(choice.app, running);
  const [first, ...others] = running;
  if (first === undefined) {
    throw new NoRunnerError(
      `No application is running: no control socket in ${folders.map(quote).join(", ")} is answered; ` +
        `start one with "heddle serve app.yaml", or name its socket by --control`,
    );
  }
  if (others.length === 0) return first.socket;
  const names = running.map(({ name }) => name).join(", ");
  throw new NoRunnerError(`Several applications are running: choose one by --app NAME, of ${names}`);
}

interface Running {
  readonly name: string;
  readonly socket: string;
}

function named(app: string, running: readonly Running[]): string {
  const found = running.find(({ name }) => name === app);
  if (found !== undefined) return found.socket;
  const names = running.map(({ name }) => name);
  const others = names.length === 0
    ? "none is"
    : `running ${names.length === 1 ? "is" : "are"} ${names.join(", ")}`;
  throw new NoRunnerError(`No application ${quote(app)} is running${didYouMean(app, names)}: ${others}`);
}

/** Those that answer, by name. A unit of systemd has its socket in a folder of its own. */
async function runnersIn(folders: readonly string[]): Promise<Running[]> {
  const candidates = folders.flatMap((folder) =>
    entriesOf(folder).flatMap((entry): Running[] => {
      if (entry.name.endsWith(".sock")) {
        const name = entry.name.slice(0, -".sock".length);
        return [{ name, socket: socketIn(folder, name) }];
      }
      if (!entry.isDirectory) return [];
      return [{
        name: entry.name,
        socket: socketIn(`${folder.replace(/\/$/, "")}/${entry.name}`, "control"),
      }];
    })
  );
  const answered = await Promise.all(candidates.map(({ socket }) => isAnswered(socket)));
  const running = candidates.filter((_, i) => answered[i]);
  return running.toSorted((a, b) => a.name < b.name ? -1 : 1);
}

function entriesOf(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch {
    return []; // Absent, or not ours to read: no runner of ours is in it.
  }
}
