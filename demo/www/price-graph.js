// A chart of prices: those of today and tomorrow, the one of now, and the windows of a schedule.
// What it shows comes from the action flatpeak.get_prices, and from the attribute `windows`.

const HEIGHT = 170;
const EDGE = { left: 34, right: 6, top: 8, bottom: 20 };
const MINUTE = 60000;
const SVG = "http://www.w3.org/2000/svg";
const STYLE = `
  ha-card { padding: 12px 12px 6px; }
  svg { display: block; width: 100%; height: ${HEIGHT}px; }
  text { fill: var(--secondary-text-color); font-size: 11px; }
  line { stroke: var(--divider-color); }
  .bar { fill: var(--primary-color); opacity: 0.55; }
  .over { opacity: 0.25; }
  .forecast { opacity: 0.3; }
  .now { fill: var(--accent-color); opacity: 1; }
  .window { fill: var(--success-color, #43a047); opacity: 0.25; }
  p { margin: 0; color: var(--secondary-text-color); font-size: 12px; }
  i { display: inline-block; width: 10px; height: 10px; margin: 0 4px 0 10px; }
`;

class DemoPriceGraph extends HTMLElement {
  setConfig(config) {
    this.config = config;
    this.prices = [];
    this.style.display = "block";
  }

  set hass(hass) {
    const { price, schedule } = this.config;
    const news = this._hass?.states[price] !== hass.states[price];
    const planned = this._hass?.states[schedule] !== hass.states[schedule];
    this._hass = hass;
    if (news) this.read();
    else if (planned) this.draw();
  }

  connectedCallback() {
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this);
  }

  disconnectedCallback() {
    this.observer.disconnect();
  }

  getGridOptions() {
    return { columns: 12, min_columns: 6 };
  }

  async read() {
    const data = { config_entry_id: this.config.config_entry_id };
    if (this.config.minutes) {
      const start = Date.now() - (this.config.minutes / 4) * MINUTE;
      data.start = new Date(start).toISOString();
      data.end = new Date(start + this.config.minutes * MINUTE).toISOString();
    }
    const { response } = await this._hass.callService(
      "flatpeak", "get_prices", data, undefined, false, true);
    this.unit = response.unit;
    this.prices = response.prices.map((slot) => (
      { ...slot, start: Date.parse(slot.start), end: Date.parse(slot.end) }));
    this.draw();
  }

  draw() {
    if (!this.prices.length || !this.clientWidth) return;
    const svg = element("svg", { role: "img", "aria-label": `Prices in ${this.unit}` });
    const width = this.clientWidth - 26;
    const from = this.prices[0].start;
    const to = this.prices.at(-1).end;
    const rates = this.prices.map((slot) => slot.price);
    const lowest = Math.min(0, ...rates);
    const step = niceStep(Math.max(...rates) - lowest);
    const highest = Math.ceil(Math.max(...rates) / step) * step || step;
    const x = (time) =>
      EDGE.left + ((time - from) / (to - from)) * (width - EDGE.left - EDGE.right);
    const y = (rate) =>
      EDGE.top + ((highest - rate) / (highest - lowest)) * (HEIGHT - EDGE.top - EDGE.bottom);
    for (let rate = Math.ceil(lowest / step) * step; rate <= highest + step / 2; rate += step) {
      svg.append(element("line", { x1: EDGE.left, x2: width, y1: y(rate), y2: y(rate) }));
      svg.append(label(Math.round(rate * 100), EDGE.left - 4, y(rate) + 4, "end"));
    }
    const state = this._hass.states[this.config.schedule];
    for (const { start, end } of state?.attributes.windows ?? []) {
      const [left, right] = [start, end].map((edge) => (
        x(Math.min(Math.max(Date.parse(edge), from), to))));
      const height = HEIGHT - EDGE.top - EDGE.bottom;
      if (right > left) svg.append(box("window", left, EDGE.top, right - left, height));
    }
    const now = Date.now();
    for (const slot of this.prices) {
      const kind = slot.start <= now && now < slot.end ? "bar now" : slot.end <= now ? "bar over"
        : slot.confidence < 1 ? "bar forecast" : "bar";
      const [left, right] = [x(slot.start), x(slot.end)];
      const [top, bottom] = [y(Math.max(slot.price, 0)), y(Math.min(slot.price, 0))];
      const bar = box(kind, left, top, Math.max(right - left - 0.5, 0.5), bottom - top);
      const title = element("title");
      title.textContent = `${this.clock(slot.start)}: ${slot.price} ${this.unit}`;
      bar.append(title);
      svg.append(bar);
    }
    const every = to - from > 180 * MINUTE ? 360 * MINUTE : 15 * MINUTE;
    for (let time = firstTick(from, every, this); time < to; time += every)
      svg.append(label(this.clock(time), x(time), HEIGHT - 5, "middle"));
    this.show(svg);
  }

  clock(time) {
    const zone = { timeZone: this._hass.config.time_zone, hour: "2-digit", minute: "2-digit" };
    return new Intl.DateTimeFormat("en-GB", zone).format(time);
  }

  show(svg) {
    const style = document.createElement("style");
    style.textContent = STYLE;
    const legend = document.createElement("p");
    const mark = document.createElement("i");
    mark.style.background = "var(--success-color, #43a047)";
    mark.style.opacity = 0.4;
    const cents = (this.unit ?? "").replace(/^\w+/, "ct");
    legend.append(cents, mark, this.config.name);
    const card = document.createElement("ha-card");
    card.append(style, legend, svg);
    this.replaceChildren(card);
  }
}

function niceStep(range) {
  return [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].find((step) => range / step <= 5) ?? range;
}

// Ticks stand at whole hours of the home's clock, which need not be those of UTC.
function firstTick(from, every, graph) {
  for (let time = Math.ceil(from / (15 * MINUTE)) * 15 * MINUTE; ; time += 15 * MINUTE) {
    const [hour, minute] = graph.clock(time).split(":").map(Number);
    if (((hour * 60 + minute) * MINUTE) % every === 0) return time;
  }
}

function element(name, attributes = {}) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function box(kind, x, y, width, height) {
  return element("rect", { class: kind, x, y, width, height });
}

function label(text, x, y, anchor) {
  const made = element("text", { x, y, "text-anchor": anchor });
  made.textContent = text;
  return made;
}

customElements.define("demo-price-graph", DemoPriceGraph);
