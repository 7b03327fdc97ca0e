import { render } from "preact";
import { App } from "./app.tsx";
import { begin } from "./state/begin.ts";
import { keepChecking } from "./state/check.ts";
import { keepTesting } from "./state/testing.ts";
import { keepTheme } from "./state/view.ts";
import "./styles.css";

keepTheme();
keepChecking();
keepTesting();
const page = document.getElementById("page");
if (page) render(<App />, page);
void begin();
