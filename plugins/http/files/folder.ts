import { join, resolve } from "node:path";
import { quote } from "../../../services/text/quote.ts";

/** Something below a folder, where it really is. */
export interface Located {
  /** Without symbolic links. */
  readonly path: string;
  readonly info: Deno.FileInfo;
}

/** The part of the file system that a route may show: what is below its root, and not hidden. */
export class Folder {
  readonly #root: string;
  #real: string;

  private constructor(root: string, real: string) {
    this.#root = root;
    this.#real = real;
  }

  /**
   * @param root relative to the working directory
   * @throws {Error} when there is no such folder
   */
  static async open(root: string): Promise<Folder> {
    const path = resolve(root);
    const fail = (reason: string, cause?: unknown) =>
      new Error(`Cannot serve files from ${quote(root)}: ${reason}`, cause === undefined ? {} : { cause });
    try {
      const real = await Deno.realPath(path);
      if (!(await Deno.stat(real)).isDirectory) throw fail(`${path} is no folder`);
      return new Folder(path, real);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) throw fail(`there is no ${path}`, error);
      if (error instanceof Deno.errors.PermissionDenied) throw fail(`${path} may not be read`, error);
      throw error;
    }
  }

  /** See where the root is now: it may be a link that is set to another release. */
  async refresh(): Promise<void> {
    this.#real = await Deno.realPath(this.#root);
  }

  /**
   * What `path` names, which begins with `/`; null where there is nothing that may be seen.
   * @throws {Deno.errors.PermissionDenied} when the system does not let us see it
   */
  async find(path: string): Promise<Located | null> {
    if (isHidden(path)) return null;
    try {
      const real = await Deno.realPath(join(this.#real, path));
      // A link may lead elsewhere within the root, and not out of it.
      if (real !== this.#real && !real.startsWith(this.#real === "/" ? "/" : `${this.#real}/`)) return null;
      return { path: real, info: await Deno.stat(real) };
    } catch (error) {
      if (isAbsence(error)) return null;
      throw error;
    }
  }
}

/** Whether a part of `path` begins with a dot; `.well-known` (RFC 8615) is there to be seen. */
export function isHidden(path: string): boolean {
  return path.includes("/.") && /\/\.(?!well-known(?:\/|$))/.test(path);
}

/** Names that are too long and loops of links are as good as nothing. */
function isAbsence(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.FilesystemLoop ||
    ["ENAMETOOLONG", "ELOOP", "ENOTDIR"].includes((error as { code?: string }).code ?? "");
}
