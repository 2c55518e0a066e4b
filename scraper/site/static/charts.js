/* Charts: Plotly and the figures are fetched once a chart is near the window, after the text. */
"use strict";

const PLOTLY = new URL("plotly-basic.min.js", document.currentScript.src).href;
const NAMES = { "-1": "missing", "-2": "earlier" };
const dark = matchMedia("(prefers-color-scheme: dark)");
let plotly;

const watcher = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      watcher.unobserve(target);
      show(target).catch((reason) => fail(target, reason));
    }
  },
  { rootMargin: "200px" },
);
// Wait for two frames, so that the text is on the screen before anything is fetched for a chart.
requestAnimationFrame(() =>
  requestAnimationFrame(() => document.querySelectorAll(".chart").forEach((figure) => watcher.observe(figure))),
);

function load() {
  // This tells Plotly that its style sheet is already there, because the page's policy lets no script add one.
  const style = document.querySelector("link[rel=stylesheet]");
  style.id = "plotly.js-style-global";
  style.className = "no-inline-styles";
  plotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = PLOTLY;
    script.onload = () => resolve(globalThis.Plotly);
    script.onerror = () => reject(new Error("Plotly did not load"));
    document.head.append(script);
  });
  return plotly;
}

async function show(figure) {
  const [Plotly, chart] = await Promise.all([load(), fetch(figure.dataset.chart).then(read)]);
  const view = { figure, Plotly, chart, variant: Object.keys(chart.variants)[0], range: "all", off: new Set() };
  await draw(view);
  const controls = figure.querySelector(".controls");
  if (controls) {
    controls.hidden = false;
    controls.addEventListener("change", ({ target }) => {
      if (target.dataset.variant) view.variant = target.value;
      if (target.dataset.range) view.range = target.value;
      draw(view);
    });
  }
  dark.addEventListener("change", () => draw(view));
  figure.dataset.drawn = "";
}

function read(response) {
  if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
  return response.json();
}

function fail(figure, reason) {
  console.error(reason);
  const plot = figure.querySelector(".plot");
  const { picture } = figure.dataset;
  if (picture) {
    const image = new Image();
    image.src = picture;
    image.alt = plot.ariaLabel;
    plot.replaceWith(image);
  } else {
    plot.textContent = "The chart could not be loaded; the tables show the same numbers.";
    plot.removeAttribute("role");
  }
}

async function draw(view) {
  const { figure, Plotly, chart, variant, off } = view;
  const { data, layout, marks } = chart.variants[variant];
  const style = getComputedStyle(figure);
  const token = (name) => style.getPropertyValue(`--${name}`).trim();
  const traces = data.map((trace) => dress(trace, token, off.has(trace.name)));
  const axis = {
    gridcolor: token("line"),
    linecolor: token("line-strong"),
    zeroline: false,
    automargin: true,
    fixedrange: true,
  };
  const narrow = figure.clientWidth < 560;
  const full = {
    ...layout,
    xaxis: { type: "date", ...layout.xaxis, ...axis, ...range(view), ...(marks?.length ? whole(view, data, marks) : {}) },
    yaxis: { ...layout.yaxis, ...axis, tickformat: ",d", gridwidth: 1 },
    font: { family: style.fontFamily, size: 13, color: token("text") },
    hoverlabel: {
      bgcolor: token("surface"),
      bordercolor: token("line-strong"),
      font: { family: style.fontFamily, size: narrow ? 11 : 13, color: token("text") },
      namelength: narrow ? 18 : 40,
    },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 8, r: 12, t: marks?.length ? 44 : 12, b: 8 },
    showlegend: false,
    dragmode: false,
    ...marked(view, marks ?? [], data, token, narrow),
  };
  legend(view, data, token); // first, because it takes space beside the plot
  await Plotly.react(figure.querySelector(".plot"), traces, full, { displayModeBar: false, responsive: true });
  for (const text of figure.querySelectorAll("[data-shown]")) text.hidden = text.dataset.shown !== variant;
}

function dress(trace, token, hidden) {
  const colour = token(`series-${NAMES[trace.meta] ?? trace.meta}`);
  const name = plain(trace.name);
  const dressed = { ...trace, name, visible: !hidden };
  if (trace.type === "bar") {
    const pattern = trace.meta === -1 ? { shape: "/", fgcolor: colour, bgcolor: token("surface"), size: 6 } : undefined;
    dressed.marker = { color: colour, pattern, line: { color: token("surface"), width: 1 } };
  } else if (trace.stackgroup) {
    dressed.fillcolor = colour;
    dressed.line = { ...trace.line, width: 1, color: token("surface") };
  } else {
    dressed.line = { ...trace.line, width: 2.5, color: colour, dash: trace.line.dash ?? (trace.meta === 2 ? "dot" : "solid") };
  }
  dressed.hoverlabel = { bgcolor: token("surface") };
  dressed.hovertemplate = "%{y:,d}";
  return dressed;
}

function plain(text) {
  // Plotly interprets some HTML in names, but these are plain text.
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

function marked(view, marks, data, token, narrow) {
  const width = view.figure.querySelector(".plot").clientWidth;
  const { from, to } = extent(view, data, marks);
  const axis = 48; // roughly the width of the numbers on the left
  const left = (x) => (to > from ? axis + ((Date.parse(x) - from) / (to - from)) * (width - axis) : width);
  const near = narrow ? 70 : 90; // pixels: closer marks share a label, and neighbours alternate between two rows
  const groups = [];
  for (const mark of marks.filter(({ x }) => Date.parse(x) >= from)) {
    const last = groups.at(-1);
    if (last && left(mark.x) - left(last[0].x) < near) last.push(mark);
    else groups.push([mark]);
  }
  const shapes = groups.flat().map(({ x }) => ({
    type: "line",
    x0: x,
    x1: x,
    yref: "paper",
    y0: 0,
    y1: 1,
    line: { color: token("warn"), width: 1.5, dash: "dot" },
  }));
  const annotations = groups.map((group, place) => {
    const { x, name, gone } = group.reduce((one, other) => (other.gone > one.gone ? other : one));
    const more = group.length > 1 ? ` and ${group.length - 1} more` : "";
    const short = name.length > (narrow ? 14 : 20) ? `${name.slice(0, narrow ? 12 : 18).trimEnd()}…` : name;
    const text = `${short} \u2212${gone.toLocaleString("en-GB")}${more}`;
    return {
      x,
      y: 1,
      yref: "paper",
      yshift: 3 + (place % 2) * 17,
      text: plain(text),
      xanchor: anchor(left(x), text.length * (narrow ? 6.2 : 7), width),
      yanchor: "bottom",
      showarrow: false,
      borderpad: 0,
      font: { size: narrow ? 11 : 12, color: token("warn") },
    };
  });
  return { shapes, annotations };
}

function anchor(place, length, width) {
  if (place + length < width) return "left";
  return place > length ? "right" : "center";
}

function whole(view, data, marks) {
  // Otherwise the labels of marks would make Plotly leave space after the last day.
  const { from, to } = extent(view, data, marks);
  return { autorange: false, range: [new Date(from).toISOString(), new Date(to).toISOString()] };
}

function extent(view, data, marks) {
  const to = Date.parse(view.chart.until);
  const months = range(view);
  const firsts = data.map((trace) => trace.x0 ?? trace.x?.[0]).filter(Boolean);
  const from = months.range ? months.range[0] : [...firsts, ...marks.map(({ x }) => x)].sort()[0];
  return { from: Date.parse(from), to };
}

function range({ chart, range: months }) {
  if (months === "all") return { autorange: true };
  const from = new Date(`${chart.until}T00:00:00Z`);
  from.setUTCMonth(from.getUTCMonth() - Number(months));
  return { autorange: false, range: [from.toISOString().slice(0, 10), chart.until] };
}

function legend(view, data, token) {
  const list = view.figure.querySelector(".legend");
  if (data.length < 2) return;
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.name : null;
  // Bands and bars are stacked from below, so the legend has the same order as the picture.
  const order = data.some((trace) => trace.stackgroup || trace.type === "bar") ? data.toReversed() : data;
  list.replaceChildren(...order.map((trace) => entry(view, trace, token)));
  list.hidden = false;
  list.querySelectorAll("button").forEach((button) => button.dataset.name === focused && button.focus());
}

function entry(view, trace, token) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.name = trace.name;
  button.ariaPressed = String(!view.off.has(trace.name));
  button.append(swatch(token(`series-${NAMES[trace.meta] ?? trace.meta}`), trace.meta), text(trace.name));
  const count = text((trace.y.at(-1) ?? 0).toLocaleString("en-GB"));
  count.className = "count";
  button.append(count);
  button.addEventListener("click", () => {
    if (!view.off.delete(trace.name)) view.off.add(trace.name);
    draw(view);
  });
  return button;
}

function text(content) {
  const span = document.createElement("span");
  span.textContent = content;
  return span;
}

function swatch(colour, meta) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 12 12");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  if (meta === -2) {
    path.setAttribute("d", "M0 6h4.5M7.5 6H12");
    path.setAttribute("stroke", colour);
    path.setAttribute("stroke-width", "2.5");
  } else if (meta === -1) {
    path.setAttribute("d", "M0 12L12 0M-3 9L9-3M3 15L15 3");
    path.setAttribute("stroke", colour);
    path.setAttribute("stroke-width", "2");
  } else {
    path.setAttribute("d", "M0 0h12v12H0z");
    path.setAttribute("fill", colour);
  }
  svg.append(path);
  return svg;
}
