// An element with data-graph (JSON: nodes, edges) becomes a small lineage graph; the list beside it says the same.
import { onThemeChange, token, vendor } from "./load.js";

// `room`: how wide a name may be in a graph of columns; 0 in one around a centre.
function style(room) {
  return [
    { selector: "node", style: {
      label: "data(label)", "text-wrap": "wrap", "text-overflow-wrap": "anywhere", "text-max-width": "104px", "font-size": 11, color: token("ink"), "text-valign": "bottom", "text-margin-y": 5, shape: "round-rectangle", width: 26, height: 26,
      "background-color": token("surface"), "border-width": 1.5, "border-color": token("line-input"), "text-background-color": token("surface-2"), "text-background-opacity": 0.85, "text-background-padding": "2px",
    } },
    { selector: "node[!centre]", style: { "text-valign": "center", "text-halign": "right", "text-margin-y": 0, "text-margin-x": 4 } },
    { selector: "node[role]", style: { "border-color": token("mark"), "background-color": token("accent-soft") } },
    { selector: "node[?centre]", style: { "background-color": token("accent-fill"), "border-color": token("accent-fill"), width: 32, height: 32, "font-weight": 600 } },
    { selector: "node[?dangling]", style: { "border-style": "dashed", "background-color": token("surface-2") } },
    { selector: "node[?wrong]", style: { "border-color": token("sev-critical-fill"), "border-width": 2.5 } },
    { selector: "node[?heading]", style: { "background-opacity": 0, "border-width": 0, width: 1, height: 1, "font-weight": 600, color: token("ink-2") } },
    ...(room ? [{ selector: "node", style: { "text-max-width": `${room}px`, "text-valign": "bottom", "text-halign": "center", "text-margin-y": 4, "text-margin-x": 0 } }] : []),
    { selector: "edge", style: {
      label: "data(label)", "font-size": 9, color: token("ink-3"), width: 1.2, "line-color": token("line-input"), "target-arrow-color": token("line-input"), "target-arrow-shape": "triangle", "arrow-scale": 0.8,
      "curve-style": "bezier", "text-background-color": token("surface-2"), "text-background-opacity": 0.9, "text-background-padding": "1px", "text-rotation": "none",
    } },
  ];
}

const ROW = 54, COLUMN_ROW = 66;

// The centre on the left, what is linked to it in a column on the right: every name has its own line, at its full size.
function places(nodes, element) {
  const others = nodes.filter((node) => !node.centre);
  const height = Math.max(220, others.length * ROW + 20);
  element.style.height = `${height}px`;
  const top = (height - others.length * ROW) / 2 + ROW / 2;
  const right = Math.max(180, element.clientWidth - 145);
  const found = Object.fromEntries(others.map((node, row) => [node.id, { x: right, y: top + row * ROW }]));
  return { ...found, [nodes.find((node) => node.centre).id]: { x: 66, y: height / 2 } };
}

function columnWidth(names, element) {
  return (element.clientWidth - 20) / names.length;
}

// A column a stage, from left to right; its name stands above it.
function columns(nodes, names, element) {
  const rows = Math.max(...nodes.map((node) => node.row)) + 1;
  element.style.height = `${rows * COLUMN_ROW + 50}px`;
  const width = columnWidth(names, element);
  const headings = names.map((label, column) => ({ id: `column:${column}`, label, full: label, heading: true, column, row: -0.75 }));
  nodes.push(...headings);
  return Object.fromEntries(nodes.map((node) => [node.id, { x: 10 + (node.column + 0.5) * width, y: 62 + node.row * COLUMN_ROW }]));
}

function draw(element) {
  const { nodes, edges, columns: names } = JSON.parse(element.dataset.graph);
  element.dataset.drawn = "yes";
  element.append(document.createTextNode(" "));
  const room = names ? Math.max(60, columnWidth(names, element) - 30) : 0;
  const positions = names ? columns(nodes, names, element) : places(nodes, element);
  const graph = window.cytoscape({
    container: element,
    elements: [...nodes.map((data) => ({ data })), ...edges.map((data) => ({ data }))],
    style: style(room),
    layout: { name: "preset", positions, fit: false },
    userZoomingEnabled: false, autoungrabify: true,
  });
  graph.on("tap", "node", (event) => {
    const address = event.target.data("url");
    if (address) location.assign(address);
  });
  graph.on("mouseover", "node", (event) => { element.title = event.target.data("full"); });
  graph.on("mouseout", "node", () => element.removeAttribute("title"));
  onThemeChange(() => graph.style(style(room)));
}

export async function startGraph(root) {
  const waiting = [...root.querySelectorAll("[data-graph]:not([data-drawn])")];
  if (!waiting.length) return;
  await vendor("cytoscape/cytoscape.min.js");
  waiting.forEach(draw);
}
