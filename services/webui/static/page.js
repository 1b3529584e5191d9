// Reads `json` once a second and draws the mining speed. It asks for no more than the three values coins, hashes and now.
'use strict';

/** Seconds that the chart shows. */
const SPAN = 120;
/** Seconds of readings that a speed is computed from. */
const WINDOW = 8;
/** Readings below which a speed would be a guess: two may hold one report of a worker or three. */
const FEWEST = 3;
/** Seconds without a speed after which the line is interrupted. */
const GAP = 5;
/** Milliseconds after which an unanswered request has failed. */
const PATIENCE = 3000;

const byId = (id) => document.getElementById(id);
const whole = new Intl.NumberFormat('en');

/** Readings of the counter, `{now, hashes}`, of the last WINDOW seconds. */
let readings = [];
/** What the chart shows: `{now, speed}`. */
let speeds = [];

/** The slope of the least-squares line through the readings, in hashes per second. */
function slope(points) {
  if (points.length < FEWEST) return null;
  const mean = (key) => points.reduce((sum, point) => sum + point[key], 0) / points.length;
  const [now, hashes] = [mean('now'), mean('hashes')];
  let covariance = 0;
  let variance = 0;
  for (const point of points) {
    covariance += (point.now - now) * (point.hashes - hashes);
    variance += (point.now - now) ** 2;
  }
  return covariance / variance;
}

function take({ coins, hashes, now }) {
  const count = Number(hashes ?? 0);
  const last = readings.at(-1);
  // The counter was reset, or the clock was set: what was seen before has nothing to say any more.
  if (last && (count < last.hashes || now <= last.now)) {
    readings = [];
    if (now <= last.now) speeds = [];
  }
  readings.push({ now, hashes: count });
  readings = readings.filter((reading) => reading.now >= now - WINDOW);
  const speed = slope(readings);
  if (speed !== null) speeds.push({ now, speed });
  speeds = speeds.filter((point) => point.now >= now - SPAN);

  byId('speed').textContent = speed === null ? '–' : shortened(speed);
  byId('hashes').textContent = hashes === null ? '0' : whole.format(count);
  byId('coins').textContent = whole.format(coins);
  note(hashes === null ? 'No worker has reported yet.' : '', false);
}

/** One digit after the point, where it says something. */
function shortened(speed) {
  return speed < 100 ? speed.toFixed(1) : whole.format(Math.round(speed));
}

function note(text, stale) {
  const note = byId('note');
  // Set only when it changes, since each change is read out.
  if (note.textContent !== text) note.textContent = text;
  document.body.classList.toggle('stale', stale);
}

async function read() {
  try {
    const answer = await fetch('json', { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) });
    const json = await answer.json().catch(() => ({}));
    if (!answer.ok) {
      note(`${json.error ?? `The server answers ${answer.status}`} – trying again each second.`, true);
      return;
    }
    take(json);
  } catch {
    note('The web UI does not answer – trying again each second.', true);
  }
}

/** A round step of which about `count` make up `top`. */
function step(top, count) {
  const rough = top / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((digit) => digit * power).find((candidate) => candidate >= rough);
}

function element(name, attributes, text) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function draw() {
  const chart = byId('chart');
  // One unit is one pixel, so that letters keep their size on a phone.
  const { width, height } = chart.getBoundingClientRect();
  if (width === 0) return;
  chart.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const highest = Math.max(0, ...speeds.map((point) => point.speed));
  const every = step(Math.max(1, highest * 1.1), height > 280 ? 5 : 4);
  const top = every * Math.ceil(Math.max(1, highest * 1.05) / every);
  // Room for the labels, of about seven pixels a digit.
  const left = Math.max(48, 16 + 7 * whole.format(top).length);
  const frame = { left, right: width - 14, top: 26, bottom: height - 40 };
  const end = speeds.at(-1)?.now ?? 0;
  const x = (now) => frame.right - ((end - now) / SPAN) * (frame.right - frame.left);
  const y = (speed) => frame.bottom - (Math.max(0, speed) / top) * (frame.bottom - frame.top);
  drawGrid(frame, width, top, every, x, y, end);
  drawSpeeds(frame, x, y);
  describe(highest);
}

function drawGrid(frame, width, top, every, x, y, end) {
  const parts = [];
  const digits = Math.max(0, -Math.floor(Math.log10(every)));
  for (let tick = 0; tick <= top + every / 2; tick += every) {
    const name = tick === 0 ? 'axis' : 'rule';
    parts.push(element('line', { class: name, x1: frame.left, x2: frame.right, y1: y(tick), y2: y(tick) }));
    const label = { x: frame.left - 8, y: y(tick) + 4, 'text-anchor': 'end' };
    parts.push(element('text', label, digits > 0 ? tick.toFixed(digits) : whole.format(tick)));
  }
  const seconds = width > 480 ? 20 : 30;
  for (let ago = 0; ago <= SPAN; ago += seconds) {
    const at = x(end - ago);
    parts.push(element('line', { class: 'axis', x1: at, x2: at, y1: frame.bottom, y2: frame.bottom + 4 }));
    const anchor = ago === 0 ? 'end' : 'middle';
    const label = { x: ago === 0 ? at + 8 : at, y: frame.bottom + 18, 'text-anchor': anchor };
    parts.push(element('text', label, ago === 0 ? 'now' : `−${ago}`));
  }
  parts.push(element('text', { x: 0, y: 12 }, 'hashes/s'));
  const middle = { x: (frame.left + frame.right) / 2, y: frame.bottom + 36, 'text-anchor': 'middle' };
  parts.push(element('text', middle, 'time in seconds'));
  byId('grid').replaceChildren(...parts);
}

function drawSpeeds(frame, x, y) {
  const stretches = [];
  let last = null;
  for (const point of speeds) {
    if (last === null || point.now - last.now > GAP) stretches.push([]);
    stretches.at(-1).push(`${x(point.now).toFixed(1)},${y(point.speed).toFixed(1)}`);
    last = point;
  }
  const edge = (point) => `${point.split(',')[0]},${frame.bottom}`;
  byId('line').setAttribute('d', stretches.map((points) => `M${points.join('L')}`).join(''));
  const areas = stretches.map((points) => `M${edge(points[0])}L${points.join('L')}L${edge(points.at(-1))}Z`);
  byId('area').setAttribute('d', areas.join(''));
  const tip = byId('tip');
  tip.setAttribute('visibility', last === null ? 'hidden' : 'visible');
  if (last !== null) {
    tip.setAttribute('cx', x(last.now));
    tip.setAttribute('cy', y(last.speed));
  }
}

function describe(highest) {
  const last = speeds.at(-1);
  if (!last) return;
  const lowest = Math.min(...speeds.map((point) => point.speed));
  byId('chart-desc').textContent =
    `Now ${shortened(last.speed)}; between ${shortened(lowest)} and ${shortened(highest)} so far in this time.`;
}

async function run() {
  for (;;) {
    const next = Date.now() + 1000;
    await read();
    draw();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - Date.now())));
  }
}

new ResizeObserver(draw).observe(byId('chart'));
run();
