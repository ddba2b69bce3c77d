// Loads a third-party script once, when a page first needs it.
const loading = new Map();

export function vendor(path) {
  if (!loading.has(path)) {
    loading.set(path, new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = document.body.dataset.vendor + path;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${path} did not load`));
      document.head.append(script);
    }));
  }
  return loading.get(path);
}

// The value of a colour token in the theme in force.
export function token(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

export function onThemeChange(react) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", react);
}
