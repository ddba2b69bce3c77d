// Copies the browser files that AISPM uses from node_modules/ into static/vendor/, and builds the icon sprite.
//
// Icon names are found where they are written: {% icon "name" %} and icon="name" in templates, icon="name" and
// rows `id | title | icon` of a catalogue in Python, `icon: name` in YAML, and data-icon="name" or icon("name") in our scripts.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const vendor = join(root, "static", "vendor");

// target under static/vendor/ → file under node_modules/
const FILES = {
  "tabler/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
  "tabler/tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
  "htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
  "echarts/echarts.min.js": "echarts/dist/echarts.min.js",
  "cytoscape/cytoscape.min.js": "cytoscape/dist/cytoscape.min.js",
  "inter/inter-latin.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
  "tom-select/tom-select.bootstrap5.min.css": "tom-select/dist/css/tom-select.bootstrap5.min.css",
  "tom-select/tom-select.complete.min.js": "tom-select/dist/js/tom-select.complete.min.js",
};

const SEARCHED = ["templates", "static/js", "aispm", "inventory", "findings", "integrations"];
const PATTERNS = {
  ".html": [/\{%\s*icon\s+["']([^"']+)["']/g, /\bicon=["']([a-z0-9:-]+)["']/g],
  ".py": [/\bicon=["']([a-z0-9:-]+)["']/g, /["']icon["']\s*:\s*["']([a-z0-9:-]+)["']/g, /\bicon\(\s*["']([^"']+)["']/g, /^\s+[a-z0-9_.]+ \| [^|\n]+ \| ([a-z0-9-]+)/gm],
  ".yaml": [/^\s*(?:-\s*)?icon:\s*["']?([a-z0-9:-]+)["']?\s*(?:#.*)?$/gm, /[{,]\s*icon:\s*["']?([a-z0-9:-]+)["']?/g],
  ".js": [/data-icon=["']([^"']+)["']/g, /\bicon\(\s*["']([^"']+)["']/g],
};
// A Python file that lists icons as data (a catalogue) says so: a `# icons: name name …` comment on any line.
const LISTED = /#\s*icons:\s*([a-z0-9: -]+)/g;

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function* filesUnder(folder) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!["__pycache__", "migrations", "vendor"].includes(entry.name)) yield* filesUnder(path);
    } else if (PATTERNS[extname(entry.name)]) yield path;
  }
}

function iconsIn(path) {
  const text = readFileSync(path, "utf8");
  const names = PATTERNS[extname(path)].flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1]));
  const listed = extname(path) === ".py" ? [...text.matchAll(LISTED)].flatMap((match) => match[1].trim().split(/\s+/)) : [];
  return [...names, ...listed];
}

function iconsInUse() {
  const where = new Map();
  for (const folder of SEARCHED)
    for (const path of filesUnder(join(root, folder)))
      for (const name of iconsIn(path)) if (!where.has(name)) where.set(name, relative(root, path));
  return where;
}

// "name" is the outline drawing, "name-filled" the filled one.
function symbol(name, usedIn) {
  const filled = name.endsWith("-filled");
  const file = join(modules, "@tabler/icons/icons", filled ? "filled" : "outline", `${name.replace(/-filled$/, "")}.svg`);
  if (!existsSync(file)) fail(`${usedIn} uses the icon "${name}", which Tabler Icons does not have. Look it up and correct the name.`);
  const body = readFileSync(file, "utf8").replace(/<!--[\s\S]*?-->/g, "").match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1];
  const paint = filled
    ? 'fill="currentColor"'
    : 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"';
  return `<symbol id="${name}" viewBox="0 0 24 24" ${paint}>${body.replace(/\s*\n\s*/g, "")}</symbol>`;
}

function copyFiles() {
  for (const [target, source] of Object.entries(FILES)) {
    const from = join(modules, source);
    if (!existsSync(from)) fail(`node_modules/${source} is missing: run "npm ci" first.`);
    const to = join(vendor, target);
    mkdirSync(dirname(to), { recursive: true });
    if (![".js", ".css"].includes(extname(to))) cpSync(from, to);
    // Maps are not shipped, so nothing may point at them.
    else writeFileSync(to, readFileSync(from, "utf8").replace(/(?:\/\/[#@] sourceMappingURL=\S+|\/\*[#@] sourceMappingURL=[^*]*\*\/)\s*$/gm, ""));
  }
}

function writeSprite() {
  const names = iconsInUse();
  const symbols = [...names.keys()].sort().map((name) => symbol(name, names.get(name)));
  mkdirSync(join(vendor, "icons"), { recursive: true });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
  writeFileSync(join(vendor, "icons", "sprite.svg"), svg);
  return symbols.length;
}

if (process.argv[2] !== "--icons") {
  rmSync(vendor, { recursive: true, force: true });
  copyFiles();
}
process.stdout.write(`static/vendor: ${Object.keys(FILES).length} files and a sprite of ${writeSprite()} icons\n`);
