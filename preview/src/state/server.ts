/**
 * The folder on disk, when the page is served by `accrue preview DIR`. The protocol that the server speaks:
 *
 * **The page.** The server serves the files of the page from some folder (`/` or `/any/path/`), and puts one element into the head of its
 * `index.html`, for each start of the command a new secret of at least 128 random bits:
 *
 *     <meta name="accrue-token" content="TOKEN">
 *
 * By this element the page knows that there is a server. Without it, the page asks for nothing below.
 *
 * **Every request** goes to an address below the page's own folder (`./api/…`) and has the header `x-accrue-token: TOKEN`. The server answers
 * 403 to a request without it, with another one, or with an `Origin` that is not `http://` and its own host, and 421 to a `Host` other than
 * the address that it listens on (`127.0.0.1:PORT` or `localhost:PORT`). It sends no CORS headers.
 *
 * **Paths** in addresses have `/` between their parts, and each part is percent-encoded by itself. The server answers 400 to a path that is
 * absolute, has an empty part, `.`, `..`, a part that begins with `.`, a backslash or a control character, that is more than 8 folders deep,
 * or that leads out of the folder over a link.
 *
 * **Versions.** The version of a file is the SHA-256 of its bytes, as an entity tag: 64 hexadecimal digits in double quotes.
 *
 * - `GET ./api/folder`: 200 with the whole folder as `application/zip`, paths from the folder's root, the same files that the other
 *   commands read (no names that begin with `.`, no links out of the folder). The header `x-accrue-name` is the name of the folder,
 *   percent-encoded as UTF-8.
 * - `GET ./api/files/PATH`: 200 with the bytes of one file and its version in `etag`; 404 if there is none.
 * - `PUT ./api/files/PATH` with the bytes as body: writes the file, at once or not at all (a temporary file that is renamed), and makes the
 *   folders above it. The request has either `if-match: VERSION`, the version that the page knows, or `if-none-match: *` if it knows of no
 *   file. 204 with the new version in `etag`; 412 and no change if the file on disk is another; 413 if the body is larger than 256 MiB.
 * - `DELETE ./api/files/PATH` with `if-match: VERSION`: 204; 412 if the file on disk is another; 404 if there is none. Folders that become
 *   empty may stay.
 * - `GET ./api/changes`: 200 with `text/event-stream`, which stays open. The server answers as soon as it watches the folder, with a comment
 *   (a line `:`), so that a page that reads the folder after that misses nothing. Whenever files change on disk, whoever changed them, an event
 *   `data: {"paths": ["contracts/standard.toml", …]}` with the paths of files that were made, changed or removed; several changes within
 *   100 ms may come as one event. The page's own writes may be among them: it compares contents. A comment at least every 30 seconds
 *   keeps the connection open. There are no `id`s: after the stream has ended the page asks for it again, and compares the whole folder.
 *   A server that cannot keep up with the changes ends the stream.
 *
 * **Errors** have any other status of 400 and above, and a body of `text/plain` for people. The page shows it.
 */
import { signal } from "@preact/signals";
import { messageOf } from "./failure.ts";
import { changedPaths, type Content, contentOf, fileChanged, files, openFolder, same, saved } from "./files.ts";
import { beginFolder } from "./kept.ts";
import { ask } from "./leave.ts";
import { digestOf } from "./link.ts";
import { someOf, Unreadable } from "./paths.ts";
import { folderOf, origin } from "./shipped.ts";
import { tell, view } from "./view.ts";
import { unzipped } from "./zip.ts";

/** Whether the folder on disk is reached; `null` if the page was not served by `accrue preview`. */
export const connected = signal<boolean | null>(null);

/** How long to wait until the server is asked again after it was gone, in milliseconds. */
const AGAIN = 2000;

function token(): string | null {
  return document.querySelector<HTMLMetaElement>('meta[name="accrue-token"]')?.content || null;
}

/** Whether the page is served by `accrue preview`. */
export function isServed(): boolean {
  return token() !== null;
}

function request(path: string, options: RequestInit = {}): Promise<Response> {
  const headers = { ...(options.headers as Record<string, string>), "x-accrue-token": token() ?? "" };
  return fetch(new URL(`./api/${path}`, document.baseURI), { ...options, headers, cache: "no-store" });
}

function at(path: string): string {
  return `files/${path.split("/").map(encodeURIComponent).join("/")}`;
}

async function wrong(response: Response): Promise<Unreadable> {
  const text = (await response.text()).trim().slice(0, 300);
  return new Unreadable(text || `the server answered ${response.status}`);
}

/** Opens the folder that the server has, and follows it from now on. */
export async function openServed(): Promise<void> {
  // The stream first: what changes while the folder is read is then told.
  const changes = await listen();
  const { name, folder } = await whole();
  origin.value = "disk";
  openFolder(name, folder);
  connected.value = true;
  view.value = "contract";
  addEventListener("beforeunload", (event) => {
    if (origin.value === "disk" && changedPaths.value.length > 0) event.preventDefault();
  });
  void follow(changes);
}

/** Opens the folder on disk again, after another one was open. */
export async function reopenServed(): Promise<void> {
  try {
    const { name, folder } = await whole();
    beginFolder();
    origin.value = "disk";
    openFolder(name, folder);
    view.value = "contract";
  } catch (error) {
    tell(messageOf(error));
  }
}

async function listen(): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const response = await request("changes", { headers: { accept: "text/event-stream" } });
  if (!response.ok || !response.body) throw await wrong(response);
  return response.body;
}

async function whole() {
  const response = await request("folder");
  if (!response.ok) throw await wrong(response);
  const name = decodeURIComponent(response.headers.get("x-accrue-name") ?? "program");
  return { name, folder: folderOf(unzipped(new Uint8Array(await response.arrayBuffer()))) };
}

/** Writes every file that differs from the disk. What is another on disk meanwhile is asked about first. */
export async function saveServed(): Promise<void> {
  // The saved version is what is on disk, as far as the page knows.
  const draft = files.value;
  for (const path of changedPaths.value) {
    const [content, known] = [draft.get(path), saved.value.get(path)];
    const version = known === undefined ? undefined : `"${await digestOf(known)}"`;
    const headers: Record<string, string> = version === undefined ? { "if-none-match": "*" } : { "if-match": version };
    const response = await request(
      at(path),
      content === undefined
        ? { method: "DELETE", headers }
        : { method: "PUT", headers, body: typeof content === "string" ? content : new Uint8Array(content) },
    );
    const gone = content === undefined && response.status === 404;
    if (response.status === 412) {
      await changedOnDisk([path]);
      if (!same(saved.value.get(path), draft.get(path))) throw new Unreadable(`${path} was changed on disk meanwhile. Save again.`);
    } else if (!response.ok && !gone) {
      throw await wrong(response);
    } else {
      fileChanged(path, content, true);
    }
  }
}

/** Reads what changed on disk, again whenever the connection was lost. */
async function follow(changes: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
  for (let stream: typeof changes | null = changes; ; ) {
    try {
      if (stream === null) {
        stream = await listen();
        const { folder } = await whole();
        await merge(new Map([...saved.value.keys(), ...folder.keys()].map((path) => [path, folder.get(path)])));
      }
      connected.value = true;
      for await (const paths of events(stream)) await changedOnDisk(paths);
    } catch (error) {
      if (connected.value) tell(`The folder on disk cannot be reached any more: ${error instanceof Error ? error.message : String(error)}`);
    }
    stream = null;
    connected.value = false;
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
}

/** Reads the paths of server-sent events. */
async function* events(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string[]> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const data: unknown = line.startsWith("data:") ? JSON.parse(line.slice(5)) : null;
      if (typeof data === "object" && data !== null && "paths" in data && Array.isArray(data.paths)) yield data.paths.map(String);
    }
  }
}

async function changedOnDisk(paths: string[]): Promise<void> {
  const onDisk = new Map<string, Content | undefined>();
  for (const path of paths) {
    const response = await request(at(path));
    if (response.ok) onDisk.set(path, contentOf(path, new Uint8Array(await response.arrayBuffer())));
    else if (response.status === 404) onDisk.set(path, undefined);
    else throw await wrong(response);
  }
  await merge(onDisk);
}

/** Takes what is on disk. Asks where both the disk and the draft have changed. */
async function merge(onDisk: ReadonlyMap<string, Content | undefined>): Promise<void> {
  // While another folder is open, the one on disk is read again when it is opened again.
  if (origin.value !== "disk") return;
  const taken: string[] = [];
  for (const [path, content] of onDisk) {
    const [mine, known] = [files.value.get(path), saved.value.get(path)];
    if (same(content, known)) continue;
    const both = !same(mine, known) && !same(mine, content);
    const take =
      !both ||
      (await ask(
        `${path} was changed on disk and here`,
        "Take the file from the disk and lose what you changed here, or keep yours: the next save writes it over the file on disk.",
        "Take the file on disk",
      ));
    fileChanged(path, content, !take);
    if (take) taken.push(path);
  }
  if (taken.length > 0) tell(`Changed on disk: ${someOf(taken, 3)}`);
}
