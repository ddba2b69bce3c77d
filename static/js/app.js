// Behaviours of every page. Each module finds its elements by data- attributes, also in what htmx brings later.
import { startCharts } from "./charts.js";
import { startCopy } from "./copy.js";
import { startDrawer } from "./drawer.js";
import { startFlash } from "./flash.js";
import { startForms } from "./forms.js";
import { startGraph } from "./graph.js";
import { startKeyboard } from "./keyboard.js";

document.documentElement.dataset.js = "on";
startDrawer();
startFlash();
startForms();
startCopy();
startKeyboard();

function enliven(root) {
  startCharts(root);
  startGraph(root);
}

enliven(document);
document.addEventListener("htmx:after:swap", () => enliven(document));
