/// <reference types="vite/client" />

/** The program folders that come with the page. */
declare module "virtual:folders" {
  export interface ShippedFolder {
    kind: "examples" | "templates";
    name: string;
    /** Where its zip file is, from the page. */
    path: string;
    title: string;
    about: string;
    /** What can be learned from it, in a few words each. */
    shows: string[];
  }
  const folders: ShippedFolder[];
  export default folders;
}
