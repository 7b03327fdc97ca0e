import { render } from "preact";
import { App } from "./app.tsx";
import { keepChecking } from "./state/check.ts";
import { begin } from "./state/begin.ts";
import { keepTheme } from "./state/view.ts";
import "./styles.css";

keepTheme();
keepChecking();
void begin();
const page = document.getElementById("page");
if (page) render(<App />, page);
