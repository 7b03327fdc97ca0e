/** The browser's database for this page: promises around IndexedDB, and the two stores that it has. */

/** What is known of a folder without its files. */
export interface KeptFolder {
  id: string;
  name: string;
  /** When it was kept last, in milliseconds since 1970. */
  time: number;
  /** The paths of the draft and of the saved version. */
  draft: string[];
  saved: string[];
  /** How many files of the draft differ from the saved version. */
  changed: number;
  view: string;
  path: string;
  /** The folder of the page that it comes from. */
  from: { kind: string; name: string } | null;
}

/** A content under the id of its folder, `draft` or `saved`, and its path. A draft that is the same as the saved version is kept once. */
export type ContentKey = [folder: string, area: "draft" | "saved", path: string];

export const FOLDERS = "folders";
export const CONTENTS = "contents";

let opened: Promise<IDBDatabase> | undefined;

/** Opens the database. Fails if the browser refuses it. */
export function database(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("accrue", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(FOLDERS, { keyPath: "id" });
      request.result.createObjectStore(CONTENTS);
    };
    request.onsuccess = () => {
      // A newer version of the page in another tab may change the database.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("another tab has an older version of this page open"));
  });
  return opened;
}

/** Returns the result of a request. */
export function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Resolves once a transaction has been written. */
export function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** All contents of a folder. */
export function contentsOf(id: string): IDBKeyRange {
  return IDBKeyRange.bound([id], [id, []]);
}
