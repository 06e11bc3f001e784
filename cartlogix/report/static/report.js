"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const PRINT_WIDTH = 680; // A4 less its margins, in CSS pixels
  const NARROW = 560;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paper = matchMedia("print");
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const shared = read("shared");
  const plots = [...document.querySelectorAll("[data-plot]")].map((box) => ({
    box, spec: read(box.dataset.plot),
  }));
  let printing = false;
  let reopened = [];

  // Theme: the system's choice until the reader makes one.
  const isDark = () =>
    !printing && (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const toggle = document.getElementById("theme");
  const nameToggle = () => {
    toggle.textContent = isDark() ? "Light colours" : "Dark colours";
  };

  // A copy of a figure's specification in the colours of the theme.
  const coloured = (value, key) => {
    if (Array.isArray(value)) return value.map((item) => coloured(item, key));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, coloured(v, k)]));
    }
    const swaps = isDark() && typeof value === "string" && /color/i.test(key || "");
    return swaps && Object.hasOwn(shared.dark, value) ? shared.dark[value] : value;
  };

  const fitted = (layout, width, entries) => {
    const narrow = width < NARROW;
    layout.autosize = false;
    layout.width = width;
    if (narrow) {
      layout.font.size = 11;
      for (const axis of Object.keys(layout).filter((name) => /^[xy]axis/.test(name))) {
        layout[axis].tickfont.size = 10;
        layout[axis].nticks = axis.startsWith("x") ? 5 : layout[axis].nticks;
      }
      layout.legend.font.size = 11;
      for (const note of layout.annotations || []) {
        if (note.xref === "paper") note.xshift = -60; // headings use the room of the row labels
      }
      layout.height += Math.max(40, 16 * entries); // the legend's entries stand in one column
    }
    return layout;
  };

  const draw = ({ box, spec }) => {
    const width = printing ? PRINT_WIDTH : Math.max(240, Math.floor(box.clientWidth));
    const { data, layout } = coloured(spec, "");
    const entries = data.filter((trace) => trace.name).length;
    return Plotly.react(box, data, fitted(layout, width, entries), { ...shared.config, responsive: false });
  };
  const drawAll = () => {
    if (!window.Plotly) return Promise.resolve();
    return Promise.all(plots.map(draw));
  };

  const unpack = async (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  };

  const start = async () => {
    if (!plots.length) return;
    const packed = document.getElementById("library");
    const script = document.createElement("script");
    script.textContent = await unpack(packed.textContent.trim());
    packed.remove();
    document.head.append(script);
    for (const plot of plots) {
      plot.box.replaceChildren();
      await draw(plot);
      await new Promise((resolve) => setTimeout(resolve)); // let the reader scroll meanwhile
    }
  };

  // Print: light colours, the paper's width, everything unfolded; afterwards as it was.
  const beforePrint = () => {
    if (printing) return;
    printing = true;
    reopened = [...document.querySelectorAll("details:not([open])")];
    for (const one of reopened) one.open = true;
    drawAll();
  };
  const afterPrint = () => {
    if (!printing) return;
    printing = false;
    for (const one of reopened) one.open = false;
    drawAll();
  };

  const onResize = () => {
    let last = window.innerWidth;
    let timer = 0;
    window.addEventListener("resize", () => {
      if (printing || window.innerWidth === last) return;
      last = window.innerWidth;
      clearTimeout(timer);
      timer = setTimeout(drawAll, 120);
    });
  };

  // The comparison's indication, and the filter of the inputs.
  const chooser = document.getElementById("indication");
  const choose = () => {
    for (const body of document.querySelectorAll("#comparison tbody[data-key]")) {
      body.hidden = body.dataset.key !== chooser.value;
    }
  };
  const words = document.getElementById("filter-text");
  const assumed = document.getElementById("filter-assumed");
  const count = document.getElementById("filter-count");
  const filter = () => {
    const wanted = words.value.trim().toLowerCase();
    const rows = [...document.querySelectorAll("#inputs tbody tr")];
    for (const row of rows) {
      const matches = row.textContent.toLowerCase().includes(wanted);
      row.hidden = !matches || (assumed.checked && !row.querySelector(".assumption"));
    }
    const left = rows.filter((row) => !row.hidden).length;
    count.textContent = `${left} of ${rows.length} shown`;
  };

  toggle.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    nameToggle();
    drawAll();
  });
  dark.addEventListener("change", () => { nameToggle(); drawAll(); });
  window.addEventListener("beforeprint", beforePrint);
  window.addEventListener("afterprint", afterPrint);
  paper.addEventListener("change", () => (paper.matches ? beforePrint() : afterPrint()));
  onResize();
  nameToggle();
  if (chooser) { chooser.addEventListener("change", choose); choose(); }
  if (words) {
    words.addEventListener("input", filter);
    assumed.addEventListener("change", filter);
    filter();
  }
  start().then(
    () => { root.dataset.figures = "drawn"; },
    () => {
      root.dataset.figures = "failed";
      for (const { box } of plots) {
        const note = document.createElement("p");
        note.className = "waiting";
        note.textContent =
          "This browser cannot draw the figure; the data table below holds the same numbers.";
        box.replaceChildren(note);
      }
    },
  );
})();
