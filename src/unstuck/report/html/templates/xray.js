"use strict";
(() => {
  const fits = JSON.parse(document.getElementById("chart-data").textContent);
  const SVG = "http://www.w3.org/2000/svg";
  const HATCH = "url(#unstuck-hatch)";
  const STRIP = 0.07; /* of a map's height, above it, for the share of samples that count */

  const unpacked = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const made = (tag, text = "", name = "") => Object.assign(document.createElement(tag), { textContent: text, className: name });

  function written(value) {
    const size = Math.abs(value);
    return size !== 0 && (size < 1e-2 || size >= 1e4) ? value.toExponential(1).replace("e+", "e") : String(Number(value.toPrecision(2)));
  }

  function mixed(anchors, share) {
    const at = share * (anchors.length - 1);
    const below = Math.min(Math.floor(at), anchors.length - 2);
    const part = (text, k) => parseInt(text.slice(2 * k + 1, 2 * k + 3), 16);
    const channel = (k) => Math.round(part(anchors[below], k) + (part(anchors[below + 1], k) - part(anchors[below], k)) * (at - below));
    return `rgb(${channel(0)},${channel(1)},${channel(2)})`;
  }

  /* What a code stands for: its colour, and its words. */
  function reader({ codes, palettes }) {
    const colour = (code, scale) => {
      if (code === codes.missing) return HATCH;
      if (code === codes.broken) return codes.colour;
      return code === codes.zero ? "none" : mixed(palettes[scale.palette], code / (codes.levels - 1));
    };
    const words = (code, scale) => {
      if (code === codes.missing) return "masked in every sample";
      if (code === codes.broken) return "not a number";
      if (code === codes.zero) return "exactly 0";
      const share = code / (codes.levels - 1);
      if (code === 0 && scale.clipped) return `${written(scale.low)} or less`;
      return `about ${written(scale.log ? scale.low * (scale.high / scale.low) ** share : scale.low + (scale.high - scale.low) * share)}`;
    };
    return { colour, words, codes, palettes };
  }

  /* The rows of a map: all units of one quantity, or one row for each gate. */
  function table(site, shot, kind, measure, quantity) {
    const found = shot[measure][kind];
    const scales = site.scales[measure][kind];
    if (kind === "courses") {
      const named = site.quantities.slice(0, found.length);
      const rows = named.map((name, k) => ({ name, codes: found[k] && unpacked(found[k]), scale: scales[k], top: k, bottom: k + 0.94, said: name }));
      return { rows: rows.filter((row) => row.codes), extent: found.length, names: named, ticks: named.map((_, k) => k + 0.47) };
    }
    const codes = found[quantity] && unpacked(found[quantity]);
    const [across, down] = site.cut;
    const width = Math.ceil(site.steps / across);
    const rows = [];
    for (let top = 0; codes && top < site.units; top += down) {
      const bottom = Math.min(top + down, site.units);
      const k = rows.length;
      rows.push({ codes: codes.subarray(k * width, (k + 1) * width), scale: scales[quantity], top, bottom, said: bottom - top > 1 ? `units ${top}–${bottom - 1}` : `unit ${top}` });
    }
    const every = Math.max(1, 10 ** Math.floor(Math.log10(site.units)) / 2);
    return { rows, extent: site.units, names: [], ticks: Array.from({ length: Math.ceil(site.units / every) }, (_, k) => k * every) };
  }

  /* Neighbours of one colour become one rectangle: a shut gate is a single one. */
  function cells({ rows }, site, read) {
    const found = [];
    for (const { codes, scale, top, bottom } of rows) {
      let before = null;
      codes.forEach((code, k) => {
        const colour = read.colour(code, scale);
        const right = Math.min((k + 1) * site.cut[0], site.steps);
        if (before && before.colour === colour) before.right = right;
        else found.push(before = { left: k * site.cut[0], right, top, bottom, colour });
      });
    }
    return found.filter((each) => each.colour !== "none");
  }

  function strip(site, counted, extent) {
    if (counted.every((share) => share === 100)) return [];
    return Array.from(counted, (share, k) => ({
      left: k * site.cut[0], right: Math.min((k + 1) * site.cut[0], site.steps), top: -STRIP * extent, bottom: -0.25 * STRIP * extent, share: share / 100,
    }));
  }

  function specified(base, site, shown, height) {
    const spec = structuredClone(base);
    spec.height = height;
    spec.params[0].value = shown.names;
    const masked = shown.strip.length > 0;
    for (const layer of spec.layer) {
      layer.encoding.x.scale.domain = [0, site.steps];
      layer.encoding.y.scale.domain = [masked ? -STRIP * shown.extent : 0, shown.extent];
      layer.encoding.y.axis.values = shown.ticks;
    }
    spec.layer[0].data.values = shown.cells;
    spec.layer[1].data.values = shown.strip;
    return spec;
  }

  function swatch(fill, words) {
    const item = made("span", "", "key");
    item.append(drawn(14, [[0, 14, fill]], true), words);
    return item;
  }

  function drawn(width, pieces, framed) {
    const svg = document.createElementNS(SVG, "svg");
    Object.entries({ viewBox: `0 0 ${width} 10`, width, height: 10, class: framed ? "ramp framed" : "ramp", "aria-hidden": "true" }).forEach(([key, value]) => svg.setAttribute(key, value));
    for (const [x, wide, fill] of pieces) {
      const rect = document.createElementNS(SVG, "rect");
      Object.entries({ x, y: 0, width: wide, height: 10, fill }).forEach(([key, value]) => rect.setAttribute(key, value));
      svg.append(rect);
    }
    return svg;
  }

  /* A ramp for each scale, and a swatch for each colour outside of it that the map holds. */
  function legend(box, shown, read) {
    const ramps = new Map();
    for (const row of shown.rows) {
      const key = JSON.stringify(row.scale);
      ramps.set(key, { scale: row.scale, names: [...(ramps.get(key)?.names ?? []), row.name].filter(Boolean) });
    }
    const items = [...ramps.values()].map(({ scale, names }) => {
      const item = made("span", "", "key");
      const pieces = Array.from({ length: 32 }, (_, k) => [k * 4, 4.5, mixed(read.palettes[scale.palette], k / 31)]);
      if (ramps.size > 1) item.append(`${names.join(", ")}: `);
      item.append(`${scale.clipped ? "≤ " : ""}${written(scale.low)}`, drawn(128, pieces), written(scale.high));
      return item;
    });
    const has = (code) => shown.rows.some((row) => row.codes.includes(code));
    const only = (code) => shown.rows.every((row) => row.codes.every((each) => each === code || each === read.codes.missing));
    if (only(read.codes.zero)) items.length = 0;
    if (has(read.codes.zero)) items.push(swatch("none", "exactly 0: nothing arrives"));
    if (has(read.codes.missing)) items.push(swatch(HATCH, "masked in every sample"));
    if (has(read.codes.broken)) items.push(swatch(read.codes.colour, "not a number"));
    if (shown.strip.length) items.push(made("span", "bar above: share of samples not masked", "key"));
    box.replaceChildren(...items);
  }

  /* Where a map's own corner lies in its drawing. */
  function corner(view) {
    const room = view.padding();
    return [view.origin()[0] + (room.left ?? room), view.origin()[1] + (room.top ?? room)];
  }

  /* The cell under a place, and what stands there. */
  function point(panel, step, at) {
    const { shown, site, read, view, tip } = panel;
    const k = Math.floor(step / site.cut[0]);
    const row = shown.rows.find((each) => at >= each.top && at < each.bottom);
    if (!row || k < 0 || step >= site.steps) return leave(panel);
    const left = k * site.cut[0];
    const right = Math.min(left + site.cut[0], site.steps);
    view.data("pointed", [{ left, right, top: row.top, bottom: row.bottom }]).runAsync();
    tip.hidden = false;
    const steps = right - left > 1 ? `time steps ${left.toLocaleString("en")}–${(right - 1).toLocaleString("en")}` : `time step ${left.toLocaleString("en")}`;
    tip.replaceChildren(`${steps}, ${row.said}: `, made("b", read.words(row.codes[k], row.scale)));
    panel.place = { step: left, at: row.top };
    const x = corner(view)[0] + view.scale("x")(right) + 8;
    tip.style.left = `${Math.max(0, Math.min(x, panel.box.clientWidth - tip.offsetWidth))}px`;
    tip.style.top = `${view.scale("y")(row.bottom) + 12}px`;
  }

  function leave({ view, tip }) {
    tip.hidden = true;
    view.data("pointed", []).runAsync();
  }

  function listen(panel, panels) {
    const { box, view, site, shown } = panel;
    box.onpointermove = (event) => {
      const area = box.querySelector("svg").getBoundingClientRect();
      const [left, top] = corner(view);
      const [x, y] = [event.clientX - area.left - left, event.clientY - area.top - top];
      if (x < 0 || x > view.width()) return leave(panel);
      point(panel, view.scale("x").invert(x), view.scale("y").invert(y));
    };
    box.onpointerleave = box.onblur = () => leave(panel);
    box.onkeydown = (event) => {
      const [across, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
      if (across === undefined || !shown.rows.length) return;
      event.preventDefault();
      const old = panel.place ?? { step: -site.cut[0] * across, at: 0 };
      const k = shown.rows.findIndex((row) => row.top === old.at);
      const row = shown.rows[Math.max(0, Math.min(shown.rows.length - 1, k + down))];
      point(panel, Math.max(0, Math.min(site.steps - 1, old.step + across * site.cut[0])), row.top);
    };
    view.addSignalListener("zoom_left", (_, domain) => {
      for (const other of panels) {
        if (other.view === view || String(other.view.signal("zoom_left")) === String(domain)) continue;
        other.view.signal("zoom_left", domain).runAsync();
      }
    });
  }

  async function draw(figure, data, site, shot, quantity) {
    const { kind, measure } = figure.dataset;
    const read = reader(data);
    const shown = table(site, shot, kind, measure, quantity);
    shown.cells = cells(shown, site, read);
    shown.strip = strip(site, unpacked(shot.counted), shown.extent);
    const box = figure.querySelector(".raster");
    const target = made("div");
    const tip = made("div", "", "tip");
    tip.hidden = true;
    box.replaceChildren(target, tip);
    box.setAttribute("aria-label", `${figure.querySelector("figcaption").textContent.trim()}, ${shown.rows.length} rows over ${site.steps} time steps`);
    const height = kind === "courses" ? 24 * shown.extent : Math.max(60, Math.min(220, 16 * shown.rows.length));
    const { view } = await vegaEmbed(target, specified(data.spec, site, shown, height), {
      ast: true, renderer: "svg", actions: false, defaultStyle: false, tooltip: false,
    });
    legend(figure.querySelector(".scale"), shown, read);
    return { view, box, tip, shown, site, read };
  }

  function options(select, names, chosen) {
    select.replaceChildren(...names.map((name, k) => Object.assign(made("option", name), { value: String(k), selected: k === chosen })));
  }

  function preferred(names, before) {
    for (const name of [before, "forget", "update"]) if (names.includes(name)) return names.indexOf(name);
    return 0;
  }

  function binning([steps, units]) {
    const parts = [[steps, "step"], [units, "unit"]].filter(([count]) => count > 1).map(([count, word]) => `${count} ${word}s`);
    return parts.length ? `Each cell stands for ${parts.join(" × ")}.` : "";
  }

  function connect(section) {
    const data = fits[section.dataset.fit].xrays;
    const [layer, xray, quantity] = ["layer", "xray", "quantity"].map((name) => section.querySelector(`select[name=${name}]`));
    options(layer, data.names, 0);
    options(xray, data.labels, data.labels.length - 1);
    let panels = [];
    let latest = 0;
    let named = "";
    async function show() {
      const mine = ++latest;
      const site = data.sites[layer.value];
      const shot = site?.xrays[xray.value];
      section.querySelector(".rasters").hidden = !shot;
      section.querySelector(".no-map").hidden = Boolean(shot);
      if (site) {
        const at = preferred(site.quantities, named);
        named = site.quantities[at];
        options(quantity, site.quantities, at);
        section.querySelector(".binning").textContent = binning(site.cut);
        for (const label of section.querySelectorAll(".chosen")) label.textContent = named;
      }
      for (const { view } of panels) view.finalize();
      const fresh = [];
      for (const figure of shot ? section.querySelectorAll("figure.heat") : []) {
        fresh.push(await draw(figure, data, site, shot, Number(quantity.value)));
        if (mine !== latest) return;
      }
      panels = fresh;
      for (const panel of panels) listen(panel, panels);
      section.dataset.drawn = String(mine);
    }
    layer.onchange = xray.onchange = show;
    quantity.onchange = () => { named = data.sites[layer.value].quantities[quantity.value]; show(); };
    return show();
  }

  const waiting = new Set(document.querySelectorAll(".maps"));
  function start(section) {
    if (waiting.delete(section)) connect(section);
  }
  /* Thousands of rectangles are drawn only where somebody looks, and on paper. */
  const watch = new IntersectionObserver((seen) => seen.filter((each) => each.isIntersecting).forEach((each) => start(each.target)), { rootMargin: "600px" });
  waiting.forEach((section) => watch.observe(section));
  addEventListener("beforeprint", () => [...waiting].forEach(start));
})();
