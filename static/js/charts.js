// Elements with data-chart (JSON) and data-kind become ECharts; the table below each stays the text alternative.
import { onThemeChange, token, vendor } from "./load.js";

const drawn = new Map();
const claimed = new WeakSet();
const resized = new ResizeObserver((entries) => entries.forEach((entry) => drawn.get(entry.target)?.resize()));
const SERIES = ["series-1", "series-2", "series-3", "series-4", "series-5"];

function look() {
  return {
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    animationDuration: 250,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: token("ink-2") },
    color: SERIES.map(token),
    tooltip: {
      trigger: "axis", renderMode: "richText", confine: true, backgroundColor: token("surface"), borderColor: token("line-strong"),
      textStyle: { color: token("ink"), fontSize: 12 }, axisPointer: { lineStyle: { color: token("line-strong") } },
    },
    grid: { left: 34, right: 12, top: 26, bottom: 24 },
    legend: { top: 0, right: 0, icon: "roundRect", itemWidth: 10, itemHeight: 10, textStyle: { color: token("ink-2"), fontSize: 11 } },
  };
}

function axes(data) {
  const label = { color: token("ink-3"), fontSize: 11, hideOverlap: true };
  return {
    xAxis: { type: "category", boundaryGap: false, data: data.rows.map((row) => row[0]), axisLabel: label, axisLine: { lineStyle: { color: token("line-strong") } }, axisTick: { show: false } },
    yAxis: { type: "value", min: data.min ?? 0, max: data.max, axisLabel: label, splitNumber: 4, minInterval: 1, interval: data.max === 100 ? 25 : undefined, splitLine: { lineStyle: { color: token("line") } } },
  };
}

const KINDS = {
  trend(data) {
    return {
      ...look(), ...axes(data), legend: { show: data.columns.length > 2, ...look().legend },
      series: data.columns.slice(1).map((name, index) => ({
        name, type: "line", data: data.rows.map((row) => row[index + 1]), symbol: "circle", symbolSize: 5, showSymbol: data.rows.length < 8,
        lineStyle: { width: 2 }, connectNulls: false, areaStyle: index ? undefined : { color: token("series-soft") },
      })),
    };
  },
  severities(data) {
    const tones = ["sev-low-fill", "sev-medium-fill", "sev-high-fill", "sev-critical-fill"];
    return {
      ...look(), ...axes(data),
      series: data.columns.slice(1).map((name, index) => ({
        name, type: "line", stack: "open", triggerLineEvent: true, data: data.rows.map((row) => row[index + 1]), symbol: "circle", symbolSize: 4, showSymbol: data.rows.length < 3, lineStyle: { width: 1 },
        color: token(tones[index]), areaStyle: { opacity: 0.75 },
      })),
    };
  },
  radar(data) {
    return {
      ...look(), tooltip: { show: false }, legend: { show: false },
      radar: {
        indicator: data.rows.map((row) => ({ name: `${row[0]}\n${row[1] ?? "n/a"}`, max: 100 })), radius: "54%", center: ["50%", "54%"], splitNumber: 4, triggerEvent: true,
        axisName: { color: token("ink-2"), fontSize: 11, lineHeight: 15 }, splitLine: { lineStyle: { color: token("line-strong") } }, splitArea: { show: false },
        axisLine: { lineStyle: { color: token("line") } },
      },
      series: [{ type: "radar", symbolSize: 5, data: [{ value: data.rows.map((row) => row[1] ?? 0), areaStyle: { color: token("series-soft") }, lineStyle: { width: 2 } }] }],
    };
  },
  bars(data) {
    const { xAxis, yAxis } = axes(data);
    return {
      ...look(), legend: { show: false }, grid: { left: 8, right: 24, top: 4, bottom: 20, containLabel: true },
      xAxis: { ...yAxis }, yAxis: { ...xAxis, boundaryGap: true, inverse: true },
      series: [{ type: "bar", data: data.rows.map((row) => row[1]), barMaxWidth: 14, itemStyle: { borderRadius: [0, 3, 3, 0] } }],
    };
  },
};

function draw(element) {
  const data = JSON.parse(element.dataset.chart);
  const option = KINDS[element.dataset.kind]?.(data);
  if (!option || !data.rows.length) return;
  drawn.get(element)?.dispose();
  element.textContent = " ";
  const chart = window.echarts.init(element, null, { renderer: "canvas" });
  chart.setOption(option);
  chart.on("click", (mark) => {
    const address = data.links?.[(mark.seriesName ?? mark.name ?? "").split("\n")[0]] ?? data.links?.[mark.name?.split("\n")[0]];
    if (address) location.assign(address);
  });
  drawn.set(element, chart);
  resized.observe(element);
}

export async function startCharts(root) {
  const waiting = [...root.querySelectorAll("[data-chart]")].filter((element) => !claimed.has(element));
  if (!waiting.length) return;
  waiting.forEach((element) => claimed.add(element));
  await vendor("echarts/echarts.min.js");
  waiting.forEach(draw);
}

function prune() {
  for (const [element, chart] of drawn) {
    if (element.isConnected) continue;
    resized.unobserve(element);
    chart.dispose();
    drawn.delete(element);
  }
}

onThemeChange(() => { prune(); [...drawn.keys()].forEach(draw); });
document.addEventListener("htmx:after:swap", prune);
