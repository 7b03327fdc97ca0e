// Starts `accrue lsp` for the files of program folders, and again when the setting of its path changes.

import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions, TransportKind } from "vscode-languageclient/node";

/** The files that the server is asked about. Files of tests and mappings are TOML of another extension. */
const DOCUMENTS: LanguageClientOptions["documentSelector"] = [
  { scheme: "file", language: "accrue-rules" },
  { scheme: "file", language: "accrue-contract" },
  { scheme: "file", pattern: "**/tests/*.toml" },
  { scheme: "file", pattern: "**/imports/*.toml" },
];

/** The files that programs read besides. */
const WATCHED = ["**/*.toml", "**/*.rhai", "**/lists/*", "**/tables/*", "**/components/*.wasm"];

let client: LanguageClient | undefined;

/** The start or restart that was asked for last: each waits for the one before, so that no server is left over. */
let started = Promise.resolve();

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const watchers = WATCHED.map((pattern) => vscode.workspace.createFileSystemWatcher(pattern));
  context.subscriptions.push(...watchers);
  context.subscriptions.push(
    vscode.commands.registerCommand("accrue.restart", () => restart(watchers)),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("accrue.path")) await restart(watchers);
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => restart(watchers)),
  );
  await restart(watchers);
}

export async function deactivate(): Promise<void> {
  await started;
  await stop();
}

/** Ends the server. One that could not be started has nothing to end. */
async function stop(): Promise<void> {
  await client?.stop().catch(() => undefined);
}

function restart(watchers: vscode.FileSystemWatcher[]): Promise<void> {
  started = started.then(stop).then(() => start(watchers));
  return started;
}

async function start(watchers: vscode.FileSystemWatcher[]): Promise<void> {
  const command = vscode.workspace.getConfiguration("accrue").get<string>("path", "accrue").trim() || "accrue";
  const server: ServerOptions = { command, args: ["lsp"], transport: TransportKind.stdio };
  client = new LanguageClient("accrue", "Accrue", server, {
    documentSelector: DOCUMENTS,
    synchronize: { fileEvents: watchers },
  });
  try {
    await client.start();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const settings = "Open Settings";
    void vscode.window
      .showErrorMessage(`Accrue: \`${command} lsp\` does not start: ${reason}`, settings)
      .then((chosen) => {
        if (chosen === settings) void vscode.commands.executeCommand("workbench.action.openSettings", "accrue.path");
      });
  }
}
