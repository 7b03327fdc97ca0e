import { effect } from "@preact/signals";
import { render } from "preact";
import { App } from "./app.tsx";
import { begin } from "./state/begin.ts";
import { keepChecking } from "./state/check.ts";
import { files } from "./state/files.ts";
import { keepTheme } from "./state/view.ts";
import "./styles.css";

keepTheme();
keepChecking();
// What runs tests is loaded with the first folder.
let loaded = false;
effect(() => {
  if (files.value.size === 0 || loaded) return;
  loaded = true;
  void import("./state/testing.ts").then(({ keepTesting }) => keepTesting());
});
const page = document.getElementById("page");
if (page) render(<App />, page);
void begin();
