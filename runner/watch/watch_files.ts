import { dirname, resolve } from "node:path";

/** Editors write a file in several steps: what changes within so many ms is one change. */
const GATHER = 100;

/**
 * Calls `onChange` with those of `files` that have changed, gathered, until it is disposed of. Watches the folders: an
 * editor puts a new file in the place of the old one. A folder among `files` stands for all that is in it.
 */
export function watchFiles(files: readonly string[], onChange: (changed: string[]) => void): Disposable {
  const wanted = new Set(files.map((file) => resolve(file)));
  const folders = new Set([...wanted].filter(isFolder));
  const watcher = Deno.watchFs([
    ...new Set([...wanted].map((path) => folders.has(path) ? path : dirname(path))),
  ], {
    recursive: folders.size > 0,
  });
  const changed = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const note = (path: string): void => {
    const within = [...folders].some((folder) =>
      path.startsWith(`${folder}/`) && !/\/(\.git|node_modules)\//.test(path)
    );
    if (!wanted.has(path) && !within) return;
    changed.add(path);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const paths = [...changed];
      changed.clear();
      onChange(paths);
    }, GATHER);
  };
  void (async () => {
    for await (const { kind, paths } of watcher) {
      if (kind !== "access") { for (const path of paths) note(path); }
    }
  })();
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      watcher.close();
    },
  };
}

/** Resolves when anything in the folder of `file` has changed. */
export async function changeBeside(file: string): Promise<void> {
  const changed = Promise.withResolvers<void>();
  using _ = watchFiles([dirname(resolve(file))], () => changed.resolve());
  await changed.promise;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false; // It is not there yet, or not any more.
  }
}
