//! The language server: a client that opens every example, and does what a person does in an editor.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A client of `accrue lsp`.
struct Client {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    next: i64,
    /// The diagnostics that were published last, by address.
    published: BTreeMap<String, Vec<Value>>,
    messages: Vec<String>,
    /// How long each request took, by its name.
    times: Vec<(String, Duration)>,
}

impl Client {
    fn new(encodings: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_accrue"))
            .args(["lsp", "--stdio"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        let mut client = Self {
            child,
            to,
            from,
            next: 0,
            published: BTreeMap::new(),
            messages: Vec::new(),
            times: Vec::new(),
        };
        let capabilities = json!({
            "general": { "positionEncodings": encodings },
            "textDocument": { "completion": { "completionItem": { "snippetSupport": true } } },
        });
        let answer = client
            .ask("initialize", json!({ "processId": null, "rootUri": null, "capabilities": capabilities }));
        assert_eq!(answer["result"]["capabilities"]["positionEncoding"], encodings[0]);
        client.tell("initialized", json!({}));
        client
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let to = self.to.as_mut().unwrap();
        write!(to, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        to.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert_ne!(self.from.read_line(&mut line).unwrap(), 0, "the server ended");
            match line.trim().split_once(": ") {
                Some(("Content-Length", bytes)) => length = bytes.parse().unwrap(),
                _ if line.trim().is_empty() => break,
                _ => {}
            }
        }
        let mut bytes = vec![0; length];
        self.from.read_exact(&mut bytes).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    fn take(&mut self, message: &Value) {
        match message["method"].as_str() {
            Some("textDocument/publishDiagnostics") => {
                let params = &message["params"];
                let found = params["diagnostics"].as_array().unwrap().clone();
                self.published.insert(params["uri"].as_str().unwrap().to_owned(), found);
            }
            Some("window/showMessage") => {
                self.messages.push(message["params"]["message"].as_str().unwrap().to_owned());
            }
            _ => panic!("unexpected: {message}"),
        }
    }

    /// Sends a request and returns the answer.
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        let began = Instant::now();
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.receive();
            if message["id"] == id {
                self.times.push((method.to_owned(), began.elapsed()));
                return message;
            }
            self.take(&message);
        }
    }

    fn result(&mut self, method: &str, params: Value) -> Value {
        let answer = self.ask(method, params);
        assert_eq!(answer.get("error"), None, "{method}: {answer}");
        answer["result"].clone()
    }

    /// Opens a file with this text, and waits until it was loaded.
    fn open(&mut self, uri: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": "toml", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
        self.wait(uri);
    }

    /// Changes a file, and waits until it was loaded.
    fn change(&mut self, uri: &str, changes: Value) -> Vec<Value> {
        let began = Instant::now();
        let document = json!({ "uri": uri, "version": 2 });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
        let found = self.wait(uri);
        self.times.push(("publishDiagnostics".to_owned(), began.elapsed()));
        found
    }

    fn wait(&mut self, uri: &str) -> Vec<Value> {
        self.published.remove(uri);
        while !self.published.contains_key(uri) {
            let message = self.receive();
            self.take(&message);
        }
        self.published[uri].clone()
    }

    fn end(mut self) {
        let answer = self.ask("shutdown", Value::Null);
        assert_eq!(answer.get("error"), None, "{answer}");
        self.tell("exit", Value::Null);
        drop(self.to.take());
        assert!(self.child.wait().unwrap().success());
    }
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// The position of a byte, in units of UTF-16.
fn position(text: &str, at: usize) -> Value {
    let before = &text[..at];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    json!({ "line": line, "character": before[start..].encode_utf16().count() })
}

fn byte(text: &str, position: &Value) -> usize {
    let line = usize::try_from(position["line"].as_u64().unwrap()).unwrap();
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let column = usize::try_from(position["character"].as_u64().unwrap()).unwrap();
    let mut units = 0;
    let past = text[start..].char_indices().find(|(_, c)| {
        let is_past = units >= column;
        units += c.len_utf16();
        is_past
    });
    past.map_or(text.len(), |(at, _)| start + at)
}

/// Makes edits of the protocol.
fn edited(text: &str, edits: &Value) -> String {
    let mut edits: Vec<(usize, usize, &str)> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            (
                byte(text, &edit["range"]["start"]),
                byte(text, &edit["range"]["end"]),
                edit["newText"].as_str().unwrap(),
            )
        })
        .collect();
    edits.sort();
    let mut text = text.to_owned();
    edits.iter().rev().for_each(|(start, end, new)| text.replace_range(start..end, new));
    text
}

fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules-examples").canonicalize().unwrap();
    let found = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = found.filter(|path| path.join("program.toml").is_file()).collect();
    found.sort();
    assert!(found.len() > 8);
    found
}

#[test]
fn every_example_is_edited() {
    let mut times: BTreeMap<String, Vec<Duration>> = BTreeMap::new();
    for example in examples() {
        let mut client = Client::new(&["utf-16"]);
        let name = example.file_name().unwrap().to_string_lossy().into_owned();
        let path = example.join("contracts").read_dir().unwrap().next().unwrap().unwrap().path();
        let (address, text) = (uri(&path), std::fs::read_to_string(&path).unwrap());
        client.open(&address, &text);
        assert!(client.published.values().all(Vec::is_empty), "{name}: {:?}", client.published);

        // A key is misspelt: the diagnostic, its fix, and the text as it was.
        let at = text.find("contract = ").unwrap() + 4;
        let start = position(&text, at);
        let end = position(&text, at + 1);
        let found =
            client.change(&address, json!([{ "range": { "start": start, "end": end }, "text": "x" }]));
        let broken = format!("{}x{}", &text[..at], &text[at + 1..]);
        let misspelt =
            found.iter().find(|found| found["code"] == "E104").unwrap_or_else(|| panic!("{name}: {found:?}"));
        let params = json!({ "textDocument": { "uri": address }, "range": misspelt["range"], "context": { "diagnostics": [] } });
        let actions = client.result("textDocument/codeAction", params);
        let edits = &actions[0]["edit"]["documentChanges"][0]["edits"];
        assert_eq!(edited(&broken, edits), text, "{name}: {actions}");
        assert_eq!(client.change(&address, json!([{ "text": text }])), Vec::<Value>::new());

        // A new group at the end: what may stand in its condition, and what a field of it is.
        let group = "\n[[payout.groups]]\nname = \"g\"\nwhen = 'customer.status == \"\" && known(action.'\n";
        let longer = format!("{text}{group}");
        client.change(&address, json!([{ "range": { "start": position(&text, text.len()), "end": position(&text, text.len()) }, "text": group }]));
        let at = |needle: &str| json!({ "textDocument": { "uri": address }, "position": position(&longer, longer.rfind(needle).unwrap() + needle.len()) });
        let offered = client.result("textDocument/completion", at("status == \""));
        let labels: Vec<&str> =
            offered.as_array().unwrap().iter().map(|item| item["label"].as_str().unwrap()).collect();
        assert_eq!(labels, ["new", "existing", "unknown"], "{name}");
        let offered = client.result("textDocument/completion", at("known(action."));
        assert!(
            offered.as_array().unwrap().iter().any(|item| item["label"] == "event_type"),
            "{name}: {offered}"
        );
        let hover = client.result("textDocument/hover", at("customer.sta"));
        assert!(
            hover["contents"]["value"].as_str().unwrap().contains("customer.status: text"),
            "{name}: {hover}"
        );
        let help = client.result("textDocument/signatureHelp", at("known("));
        assert_eq!(help["signatures"][0]["label"], "known(x)");
        client.change(&address, json!([{ "text": text }]));

        // What the file consists of, its words, and its layout.
        let document = json!({ "textDocument": { "uri": address } });
        let symbols = client.result("textDocument/documentSymbol", document);
        assert!(!symbols.as_array().unwrap().is_empty());
        let document = json!({ "textDocument": { "uri": address } });
        let tokens = client.result("textDocument/semanticTokens/full", document);
        assert!(tokens["data"].as_array().unwrap().len() > 100, "{name}");
        let messy = text.replace(" = ", "=").replace("\n\n[", "\n[");
        client.change(&address, json!([{ "text": messy }]));
        let params =
            json!({ "textDocument": { "uri": address }, "options": { "tabSize": 2, "insertSpaces": true } });
        let edits = client.result("textDocument/formatting", params);
        let formatted = edited(&messy, &edits);
        client.change(&address, json!([{ "text": text }]));
        assert_eq!(formatted, text, "{name}");

        // A name is renamed in all files.
        let named = ["big", "grace_days", "reject_from", "first_rate", "month", "quarter"];
        if let Some((found, name)) = named.iter().find_map(|name| {
            Some((
                text.find(&format!("\n{name} = "))
                    .map(|at| at + 1)
                    .or_else(|| text.find(&format!("[totals.{name}]")).map(|at| at + 8))?,
                name,
            ))
        }) {
            let params = json!({ "textDocument": { "uri": address }, "position": position(&text, found) });
            let prepared = client.result("textDocument/prepareRename", params.clone());
            assert_eq!(prepared["placeholder"], **name);
            let references = client.result(
                "textDocument/references",
                json!({ "textDocument": { "uri": address }, "position": position(&text, found), "context": { "includeDeclaration": true } }),
            );
            let renamed = client.result(
                "textDocument/rename",
                json!({ "textDocument": { "uri": address }, "position": position(&text, found), "newName": "other_name" }),
            );
            let changes = renamed["documentChanges"].as_array().unwrap();
            let edits: usize = changes.iter().map(|file| file["edits"].as_array().unwrap().len()).sum();
            assert_eq!(edits, references.as_array().unwrap().len(), "{name}: {renamed}");
            let definition = client.result("textDocument/definition", params);
            assert!(definition[0]["uri"].as_str().unwrap().ends_with(".toml"));
        }
        for (method, time) in std::mem::take(&mut client.times) {
            times.entry(method).or_default().push(time);
        }
        client.end();
    }
    for (method, mut times) in times {
        times.sort();
        let (median, most) = (times[times.len() / 2], times[times.len() - 1]);
        println!(
            "{method}: median {:.1} ms, most {:.1} ms",
            median.as_secs_f64() * 1e3,
            most.as_secs_f64() * 1e3
        );
        assert!(cfg!(debug_assertions) || median < Duration::from_millis(500), "{method} takes {median:?}");
    }
}

#[test]
fn positions_are_bytes_if_the_client_counts_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("program.toml");
    let text = "id = \"ü𝄞\"\nnam = \"x\"\n";
    std::fs::write(&path, text).unwrap();
    let mut client = Client::new(&["utf-8", "utf-16"]);
    client.open(&uri(&path), text);
    let found = client.published[&uri(&path)].clone();
    let id = found
        .iter()
        .find(|found| found["range"]["start"]["line"] == 0 && found["range"]["start"]["character"] == 5)
        .unwrap();
    assert_eq!(id["range"]["end"]["character"], 5 + 8, "{id}");
    client.end();
}

#[test]
fn a_file_that_is_open_wins_over_the_disk_and_comes_back_when_it_is_closed() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    std::fs::create_dir(at("contracts")).unwrap();
    std::fs::write(
        at("program.toml"),
        "id = \"a\"\nname = \"A\"\ncurrency = \"EUR\"\n[event_types]\nsale = {}\n",
    )
    .unwrap();
    let contract =
        "contract = \"a\"\nversion = 1\neffective_from = 2026-01-01\n[payout.default]\nrate = \"4%\"\n";
    std::fs::write(at("contracts/a.toml"), contract).unwrap();
    let mut client = Client::new(&["utf-16"]);
    let (program, file) = (uri(&at("program.toml")), uri(&at("contracts/a.toml")));
    client.open(&program, &std::fs::read_to_string(at("program.toml")).unwrap());
    client.open(&file, &contract.replace("4%", "4,5%"));
    assert_eq!(client.published[&file][0]["code"], "E106");
    // The file on the disk has another fault, which counts once the file is closed.
    std::fs::write(at("contracts/a.toml"), contract.replace("rate", "rates")).unwrap();
    client.tell("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": file, "type": 2 }] }));
    assert_eq!(client.wait(&file)[0]["code"], "E106");
    client.tell("textDocument/didClose", json!({ "textDocument": { "uri": file } }));
    assert_eq!(client.wait(&file)[0]["code"], "E104");
    client.end();
}

#[test]
fn what_nobody_should_send_is_an_error_and_no_end() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    std::fs::create_dir(at("contracts")).unwrap();
    std::fs::write(at("program.toml"), "id = 5").unwrap();
    std::fs::write(at("contracts/a.toml"), [0xff, 0xfe, 0x00]).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/passwd", at("contracts/b.toml")).unwrap();
    let mut client = Client::new(&["utf-16"]);
    let program = uri(&at("program.toml"));
    // The folder cannot be read: it has a link out of it. A message says so.
    client.tell(
        "textDocument/didOpen",
        json!({ "textDocument": { "uri": program, "languageId": "toml", "version": 1, "text": "id" } }),
    );
    while cfg!(unix) && client.messages.is_empty() {
        let message = client.receive();
        client.take(&message);
    }
    assert!(
        client.messages.iter().all(|message| message.contains("link out of the folder")),
        "{:?}",
        client.messages
    );
    if cfg!(unix) {
        std::fs::remove_file(at("contracts/b.toml")).unwrap();
    }
    client.open(&program, "id = [[[[[[");
    client.change(&program, json!([{ "range": { "start": { "line": 9, "character": 9 }, "end": { "line": 0, "character": 0 } }, "text": "\u{202e}𝄞" }]));
    let nested = format!("x = {}", "[".repeat(100_000));
    client.change(&program, json!([{ "text": nested }]));
    for method in [
        "textDocument/completion",
        "textDocument/hover",
        "textDocument/rename",
        "textDocument/formatting",
        "no/such",
    ] {
        let params = json!({ "textDocument": { "uri": program }, "position": { "line": 4_000_000_000_u32, "character": 4_000_000_000_u32 },
            "newName": "x", "options": { "tabSize": 2, "insertSpaces": true } });
        client.ask(method, params);
        assert!(client.ask(method, json!("nothing"))["error"]["code"].is_i64());
        client.ask(method, json!({ "textDocument": { "uri": "file:///no/such/program.toml" }, "position": { "line": 0, "character": 0 } }));
    }
    client.end();
}
