"use strict";
(() => {
  const fits = JSON.parse(document.getElementById("chart-data").textContent);

  /* One row for each point. A zero on a logarithmic axis is moved to the line that stands for it. */
  function rows(chart) {
    const found = [];
    chart.lines.forEach((line, index) => {
      line.y.forEach((value, k) => {
        const apart = (neighbour) => neighbour === undefined || neighbour === null;
        found.push({
          line: index,
          step: line.x[k],
          value: value === 0 && chart.zero !== null ? chart.zero : value,
          lone: value !== null && apart(line.y[k - 1]) && apart(line.y[k + 1]),
        });
      });
    });
    return found;
  }

  /* Index of the point of a line that is nearest to a step; positions rise. */
  function nearest(x, step) {
    let low = 0;
    let high = x.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (x[middle] < step) low = middle + 1; else high = middle;
    }
    return low > 0 && step - x[low - 1] < x[low] - step ? low - 1 : low;
  }

  function written(value) {
    if (value === null) return "–";
    const size = Math.abs(value);
    return size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
  }

  /* The lines at a step, the largest first; names are set as text, never as markup. */
  function readings(chart, step, isolated) {
    return chart.lines
      .map((line, index) => ({ line, index, at: nearest(line.x, step) }))
      .filter(({ line, index, at }) => line.x.length && (isolated === null || isolated === index) && line.y[at] !== undefined)
      .map(({ line, at }) => ({ name: line.name, step: line.x[at], value: line.y[at] }))
      .sort((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity));
  }

  function fill(tip, step, found) {
    const table = document.createElement("table");
    for (const { name, value } of found) {
      const row = table.insertRow();
      row.insertCell().textContent = name;
      row.insertCell().textContent = written(value);
    }
    tip.replaceChildren(`step ${step.toLocaleString("en")}`, table);
  }

  function put(tip, box, x) {
    tip.hidden = false;
    const room = box.clientWidth - tip.offsetWidth;
    tip.style.left = `${Math.max(0, Math.min(x + 14, room) === room && x - 14 - tip.offsetWidth > 0 ? x - 14 - tip.offsetWidth : Math.min(x + 14, room))}px`;
    tip.style.top = "8px";
  }

  /* All charts of a fit share the steps they show, and the step under the pointer. */
  function connect(charts) {
    let step = null;
    function point(to, over) {
      step = to;
      for (const { view, chart, tip, box, isolated } of charts) {
        view.signal("pointed", to).runAsync();
        const found = to === null || over !== box ? [] : readings(chart, to, isolated());
        tip.hidden = !found.length;
        if (found.length) {
          fill(tip, found[0].step, found);
          put(tip, box, view.origin()[0] + view.scale("x")(to));
        }
      }
    }
    for (const { view, box } of charts) {
      view.addEventListener("pointermove", (event) => {
        const area = box.querySelector("svg").getBoundingClientRect();
        const x = event.clientX - area.left - view.origin()[0] - (view.padding().left ?? view.padding());
        if (x < 0 || x > view.width()) return point(null, null);
        point(Math.round(view.scale("x").invert(x)), box);
      });
      box.addEventListener("pointerleave", () => point(null, null));
      box.addEventListener("blur", () => point(null, null));
      box.addEventListener("keydown", (event) => {
        const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (!move) return;
        event.preventDefault();
        const [low, high] = view.scale("x").domain();
        point(Math.max(low, Math.min(high, (step ?? low) + move * Math.max(1, Math.round((high - low) / 100)))), box);
      });
      view.addSignalListener("zoom_step", (_, domain) => {
        for (const other of charts) {
          if (other.view === view || String(other.view.signal("zoom_step")) === String(domain)) continue;
          other.view.signal("zoom_step", domain).runAsync();
        }
      });
    }
  }

  function legend(article, charts) {
    for (const list of article.querySelectorAll(".legend")) {
      const kinds = list.dataset.kinds.split(" ");
      list.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (!button) return;
        const on = button.getAttribute("aria-pressed") !== "true";
        for (const each of list.querySelectorAll("button")) each.setAttribute("aria-pressed", String(on && each === button));
        for (const { view, box } of charts) {
          if (kinds.includes(box.dataset.kind)) view.signal("isolated", on ? Number(button.dataset.line) : null).runAsync();
        }
      });
    }
  }

  async function draw(article) {
    const charts = [];
    for (const box of article.querySelectorAll(".chart")) {
      const { steps, charts: described } = fits[article.dataset.fit];
      const chart = described[box.dataset.chart];
      for (const line of chart.lines) line.x ??= steps.slice(0, line.y.length);
      const target = document.createElement("div");
      box.replaceChildren(target);
      chart.spec.data.values = rows(chart);
      const { view } = await vegaEmbed(target, chart.spec, {
        ast: true, renderer: "svg", actions: false, defaultStyle: false, tooltip: false,
      });
      const tip = document.createElement("div");
      tip.className = "tip";
      tip.hidden = true;
      box.append(tip);
      charts.push({ view, chart, tip, box, isolated: () => view.signal("isolated") });
    }
    connect(charts);
    legend(article, charts);
  }

  async function drawAll() {
    for (const article of document.querySelectorAll(".fit")) await draw(article);
    document.documentElement.dataset.drawn = "true";
  }

  /* Paper has no plus sign to click on. */
  addEventListener("beforeprint", () => document.querySelectorAll(".finding").forEach((each) => { each.open = true; }));
  drawAll();
})();
