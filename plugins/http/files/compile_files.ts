import { Reply } from "../../../services/http/reply.ts";
import type { HttpRequest } from "../../../services/http/request.ts";
import { quote } from "../../../services/text/quote.ts";
import { acceptedCodings } from "../compress/accept_encoding.ts";
import { unlessRead } from "../route/read_only.ts";
import type { RouteContext, RouteHandler } from "../route/route_kind.ts";
import { directoryPage } from "./directory_page.ts";
import { FileCache } from "./file_cache.ts";
import { FileMemory } from "./file_memory.ts";
import { Folder, type Located } from "./folder.ts";
import type { FilesOptions } from "./options.ts";
import { sendFile } from "./send_file.ts";
import { StaticFile } from "./static_file.ts";

/** What was found is taken for true for so long, ms. */
const FRESH = 1_000;

const notFound = new Reply("Not Found\n", { status: 404 });
const forbidden = new Reply("Forbidden\n", { status: 403 });

/** Serves the files of a folder: `/docs/a.css` of a route `/docs/*` is `a.css` in it. */
export async function compileFiles(
  options: FilesOptions,
  context: RouteContext,
  compress: boolean,
): Promise<RouteHandler> {
  const folder = await Folder.open(options.root);
  const route = new FilesRoute(options, folder, context, compress);
  await route.expectFallback();
  return route.handle;
}

/** What a path names. */
type Found = StaticFile | { readonly folder: string } | null;

class FilesRoute {
  readonly #options: FilesOptions;
  readonly #folder: Folder;
  readonly #context: RouteContext;
  readonly #compress: boolean;
  readonly #memory: FileMemory;
  readonly #cache: FileCache<StaticFile>;
  /** Look-ups under way: who asks meanwhile waits for the same. */
  readonly #finding = new Map<string, Promise<Found>>();
  /** The length of the part of a path that is not looked for in the folder. */
  readonly #mount: number;
  #rootSeenAt: number;

  constructor(options: FilesOptions, folder: Folder, context: RouteContext, compress: boolean) {
    this.#options = options;
    this.#folder = folder;
    this.#context = context;
    this.#compress = compress;
    this.#memory = context.shared(FileMemory);
    this.#cache = context.use(new FileCache<StaticFile>(this.#memory));
    const { pattern } = context;
    this.#mount = pattern.kind === "below" ? pattern.base.length : pattern.path.lastIndexOf("/");
    this.#rootSeenAt = context.reactor.now();
  }

  /** @throws {Error} when the fallback is no file */
  async expectFallback(): Promise<void> {
    const { fallback, root } = this.#options;
    if (fallback === undefined) return;
    const located = await this.#folder.find(`/${fallback}`);
    if (located?.info.isFile) return;
    throw new Error(
      `Cannot fall back to ${quote(fallback)}: there is no such file in ${quote(root)} that may be seen`,
    );
  }

  readonly handle: RouteHandler = (request, _info, path) => {
    const other = unlessRead(request.method);
    if (other !== null) return other;
    const known = this.#cache.get(path);
    if (known !== undefined && this.#context.reactor.now() - known.checkedAt < FRESH) {
      return this.#send(request, known.value);
    }
    return this.#answer(request, path);
  };

  async #answer(request: HttpRequest, path: string): Promise<Reply> {
    try {
      const found = await this.#findOnce(path);
      if (found instanceof StaticFile) return await this.#send(request, found);
      if (found !== null) {
        if (!path.endsWith("/")) return redirectToFolder(request);
        if (this.#options.list) return await listing(found.folder, path);
      }
      const fallback = await this.#fallbackFor(request, path);
      return fallback === null ? notFound : await this.#send(request, fallback);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return notFound;
      if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
      this.#context.requestLog.warn("Cannot read file: the client gets 403", {
        route: this.#context.name,
        path,
        error,
      });
      return forbidden;
    }
  }

  #send(request: HttpRequest, file: StaticFile): Reply | Promise<Reply> {
    if (!file.varies) return sendFile(request, file.plain, this.#memory);
    const form = file.choose(acceptedCodings(request.header("accept-encoding")));
    return form instanceof Promise
      ? form.then((form) => sendFile(request, form, this.#memory))
      : sendFile(request, form, this.#memory);
  }

  #findOnce(path: string): Promise<Found> {
    const finding = this.#finding.get(path);
    if (finding !== undefined) return finding;
    const found = this.#find(path).finally(() => this.#finding.delete(path));
    this.#finding.set(path, found);
    return found;
  }

  async #find(path: string): Promise<Found> {
    const now = this.#context.reactor.now();
    if (now - this.#rootSeenAt >= FRESH) {
      this.#rootSeenAt = now;
      await this.#folder.refresh().catch((error) =>
        this.#context.log.error("The root of a files route is gone", { route: this.#context.name, error })
      );
    }
    const within = path.slice(this.#mount) || "/";
    const located = await this.#folder.find(within);
    if (located?.info.isDirectory) {
      if (!path.endsWith("/")) return { folder: located.path };
      for (const name of this.#options.index) {
        const index = await this.#folder.find(within + name);
        if (index?.info.isFile) return await this.#read(path, within + name, index, now);
      }
      return { folder: located.path };
    }
    if (located?.info.isFile && !path.endsWith("/")) return await this.#read(path, within, located, now);
    this.#cache.delete(path);
    return null;
  }

  async #read(path: string, within: string, located: Located, now: number): Promise<StaticFile> {
    const before = this.#cache.get(path)?.value ?? null;
    const file = await StaticFile.read(this.#folder, within, located, this.#compress, before);
    this.#cache.set(path, file, file.weight, now);
    return file;
  }

  /** The page of a single-page application stands for all its pages, and not for a script that is missing. */
  async #fallbackFor(request: HttpRequest, path: string): Promise<StaticFile | null> {
    const { fallback } = this.#options;
    if (fallback === undefined) return null;
    const named = path.slice(path.lastIndexOf("/")).includes(".");
    if (named && !request.header("accept")?.includes("text/html")) return null;
    const found = await this.#findOnce(`${path.slice(0, this.#mount)}/${fallback}`);
    return found instanceof StaticFile ? found : null;
  }
}

/** RFC 3986, section 4.2: "./" keeps a name with a colon from being taken for a scheme. */
function redirectToFolder(request: HttpRequest): Reply {
  const { pathname } = request;
  return Reply.redirect(`./${pathname.slice(pathname.lastIndexOf("/") + 1)}/${request.search}`, 301);
}

async function listing(folder: string, path: string): Promise<Reply> {
  const headers = { "content-type": "text/html;charset=utf-8", "x-content-type-options": "nosniff" };
  return new Reply(await directoryPage(folder, path), { headers });
}
