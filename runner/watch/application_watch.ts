import type { ApplicationSpec, GroupSpec, ServiceSpec } from "../../services/application_spec.ts";
import type { ApplicationControl } from "../../services/control/application_control.ts";
import type { Logger } from "../../services/log.ts";
import type { LoadedPlugin } from "../plugins/load_plugin.ts";
import { childPath } from "../supervisor/dependencies.ts";
import { moduleFiles } from "./module_files.ts";
import { watchFiles } from "./watch_files.ts";

/** What of an application is watched. */
export interface Watched {
  readonly spec: ApplicationSpec;
  /** The application file and what it includes. */
  readonly files: readonly string[];
  readonly plugins: readonly LoadedPlugin[];
}

/** What a watch can do about a change. */
export interface ApplicationWatchOptions {
  readonly control: ApplicationControl;
  readonly log: Logger;
  /** End the runner, to be started again with the new code. */
  readonly startAgain: () => void;
}

/**
 * Reloads an application when its file or what that includes changes. Code that has been loaded stays as it is in its
 * process: when a local plugin changes, services in processes of their own are restarted, and for the others the
 * runner itself, whose sockets close meanwhile.
 */
export class ApplicationWatch implements Disposable {
  readonly #options: ApplicationWatchOptions;
  #watched: Watched;
  #files: Disposable | null = null;
  /** The plugins' specifiers by the files of their modules. */
  #modules: ReadonlyMap<string, readonly string[]> = new Map();
  #over = false;

  constructor(watched: Watched, options: ApplicationWatchOptions) {
    this.#options = options;
    this.#watched = watched;
    void this.#arm();
  }

  /** The application was read again. */
  update(watched: Watched): void {
    this.#watched = watched;
    void this.#arm();
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#files?.[Symbol.dispose]();
  }

  async #arm(): Promise<void> {
    const watched = this.#watched;
    const modules = await modulesOf(watched.plugins);
    if (this.#over || watched !== this.#watched) return;
    this.#modules = modules;
    this.#files?.[Symbol.dispose]();
    this.#files = watchFiles(
      [...watched.files, ...modules.keys()],
      (changed) => void this.#changed(changed),
    );
    this.#options.log.debug("Watching", { files: watched.files.length, modules: modules.size });
  }

  async #changed(files: readonly string[]): Promise<void> {
    const { control, log, startAgain } = this.#options;
    const plugins = new Set(files.flatMap((file) => this.#modules.get(file) ?? []));
    const services = servicesOf(this.#watched.spec).filter(({ spec }) => plugins.has(spec.plugin ?? ""));
    if (services.some(({ spec }) => spec.process === undefined)) {
      log.warn("Code changed: starting the runner again, which closes its sockets for a moment", { files });
      return startAgain();
    }
    if (services.length > 0) {
      log.info("Code changed: restarting the services that use it", {
        files,
        services: services.map(({ path }) => path),
      });
      for (const { path } of services) await control.restart(path);
    }
    if (files.some((file) => !this.#modules.has(file))) {
      log.info("Application file changed: reloading", { files });
      await control.reload();
    }
  }
}

async function modulesOf(plugins: readonly LoadedPlugin[]): Promise<Map<string, string[]>> {
  const modules = new Map<string, string[]>();
  await Promise.all(plugins.map(async ({ specifier, reference }) => {
    if (reference.kind !== "module") return;
    for (const file of await moduleFiles(reference.url)) {
      modules.set(file, [...modules.get(file) ?? [], specifier]);
    }
  }));
  return modules;
}

function servicesOf({ root }: ApplicationSpec): { readonly path: string; readonly spec: ServiceSpec }[] {
  const within = (path: string, group: GroupSpec): { path: string; spec: ServiceSpec }[] =>
    group.children.flatMap((child) => {
      const at = childPath(path, child.name);
      return child.kind === "service" ? [{ path: at, spec: child }] : within(at, child);
    });
  return within("", root);
}
