"""The page in a real browser, wide and on a phone, light and dark: it fits, and can be read."""

import pytest
from browser import CHROMIUM, DRIVER, browser
from documents import a_hostile_document, the_full_document

from reports.render import render

pytestmark = [
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs chromium and chromedriver"),
    pytest.mark.slow,
]

# Boxes of text, as drawn, cut to what their scrolling container shows; two overlap if they share
# more than two pixels in both directions, which is more than a descender reaches into a next line.
OVERLAPS = """
document.querySelectorAll('details').forEach(d => d.open = true);
const found = [];
for (const card of document.querySelectorAll('article, header.page-head, table.overview')) {
  const boxes = [];
  const walker = document.createTreeWalker(card, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.data.trim() || node.parentElement.closest('title, desc, .visually-hidden')) continue;
    const clip = node.parentElement.closest('.scroll')?.getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const r of range.getClientRects()) {
      const left = Math.max(r.left, clip ? clip.left : -1e9);
      const right = Math.min(r.right, clip ? clip.right : 1e9);
      const trim = r.height * 0.15;
      if (right - left > 1) boxes.push([left, r.top + trim, right, r.bottom - trim, node]);
    }
  }
  boxes.sort((a, b) => a[1] - b[1]);
  for (let i = 0; i < boxes.length; i++) {
    for (let j = i + 1; j < boxes.length && boxes[j][1] < boxes[i][3]; j++) {
      const [a, b] = [boxes[i], boxes[j]];
      if (a[4] === b[4]) continue;
      const across = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
      const down = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
      const said = [a, b].map(box => box[4].data.slice(0, 60)).join(' | ');
      if (across > 2 && down > 2) found.push(said);
    }
  }
}
return found.slice(0, 10);
"""

# What sticks out of the window and of no scrolling container.
OUTSIDE = """
document.querySelectorAll('details').forEach(d => d.open = true);
const found = [];
for (const node of document.body.querySelectorAll('*')) {
  if (node.closest('.scroll, .symbols, .skip, .visually-hidden, title, desc')) continue;
  const r = node.getBoundingClientRect();
  if (r.width && (r.right > innerWidth + 1 || r.left < -1)) {
    found.push(node.tagName + ' ' + node.className + ' ' + (node.textContent || '').slice(0, 50));
  }
}
return [innerWidth, document.scrollingElement.scrollWidth, found.slice(0, 10)];
"""

# Contrast of text against its card's ground, by the formula of WCAG 2.
CONTRAST = """
const light = c => {
  const [r, g, b] = c.match(/[\\d.]+/g).map(Number).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = node => {
  for (let n = node; n; n = n.parentElement) {
    const c = getComputedStyle(n).backgroundColor;
    if (c !== 'rgba(0, 0, 0, 0)') return c;
  }
  return 'rgb(255, 255, 255)';
};
const found = new Set();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || node.closest('title, desc, style')) continue;
  const style = getComputedStyle(node);
  const [a, b] = [light(node.closest('svg') ? style.fill : style.color), light(ground(node))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const said = [ratio.toFixed(2), node.className, node.textContent.slice(0, 40)].join(' ');
  if (ratio < 4.5) found.add(said);
}
return [...found].slice(0, 10);
"""

TONE = "return getComputedStyle(document.querySelector('.v-supported .word')).color"
GROUND = "return getComputedStyle(document.body).backgroundColor"


@pytest.fixture(scope="module")
def window():
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name, build in (("full", the_full_document), ("hostile", a_hostile_document)):
        (folder / f"{name}.html").write_text(render(build()), encoding="utf-8")
    return folder


@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("name", ["full", "hostile"])
def test_nothing_sticks_out_of_the_window(window, pages, name, width):
    """No sideways scrolling, with every detail open and with endless words."""
    window.open((pages / f"{name}.html").as_uri(), width=width)
    inner, scrolled, outside = window.run(OUTSIDE)
    assert inner == width
    assert outside == []
    assert scrolled <= inner


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["full", "hostile"])
def test_no_texts_overlap(window, pages, name, width):
    """No word is printed over another, with every detail open."""
    window.open((pages / f"{name}.html").as_uri(), width=width)
    assert window.run(OVERLAPS) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast(window, pages, scheme):
    """Every text has 4.5 to 1 against its ground (WCAG AA), in both schemes."""
    window.open((pages / "full.html").as_uri(), width=1280, scheme=scheme)
    assert window.run(CONTRAST) == []


def test_the_page_follows_the_readers_scheme(window, pages):
    """Light and dark are different pages to look at; paper is white in both."""
    seen, tones = [], []
    for media, scheme in (("screen", "light"), ("screen", "dark"), ("print", "dark")):
        window.open((pages / "full.html").as_uri(), width=1280, scheme=scheme, media=media)
        seen.append(window.run(GROUND))
        tones.append(window.run(TONE))
    light, dark, printed = seen
    assert light != dark
    assert printed == "rgb(255, 255, 255)"
    assert tones[0] == tones[2] != tones[1]


def test_hostile_text_runs_nothing(window, pages):
    """No element comes out of a string, and nothing is fetched."""
    window.open((pages / "hostile.html").as_uri(), width=1280)
    assert window.run("return document.querySelectorAll('script, img').length") == 0
    assert window.run("return performance.getEntriesByType('resource').length") == 0


PAPER = """
const shown = node => node !== null && node.checkVisibility({contentVisibilityAuto: true});
const card = document.querySelector('#claim-bn-smooths-loss-vgg');
return {
  overview: getComputedStyle(document.querySelector('.overview')).display,
  heads: shown(document.querySelector('.overview thead')),
  numbers: shown(card.querySelector('.printed td')),
  alternatives: shown(card.querySelector('[aria-label^="Alternatives"] td')),
  seeds: shown(card.querySelector('[aria-label^="Every seed"] td')),
  footnote: shown(card.querySelector('.paper-only')),
  closed: [...card.querySelectorAll('details:not(.on-paper, .of-cell) > summary')]
    .filter(shown).length,
};
"""


def test_paper_has_tables_and_no_lines_that_cannot_be_opened(window, pages):
    """A4 is no phone: the table is one, closed numbers that matter are there, the rest is named."""
    window.open((pages / "full.html").as_uri(), width=680, media="print")
    printed = window.run(PAPER)
    assert printed == {
        "overview": "table", "heads": True, "numbers": True, "alternatives": True,
        "seeds": False, "footnote": True, "closed": 0,
    }  # fmt: skip
    window.open((pages / "full.html").as_uri(), width=680)
    screen = window.run(PAPER)
    assert screen["overview"] == "block"
    assert not screen["footnote"]
    assert not screen["numbers"]


CUT_OFF = """
document.querySelectorAll('details').forEach(d => d.open = true);
return [...document.querySelectorAll('.scroll:has(> .numbers)')]
  .filter(box => box.scrollWidth > box.clientWidth + 1 && !box.querySelector('.rates'))
  .map(box => box.getAttribute('aria-label') + ' ' + box.scrollWidth);
"""


# Cells that do not say what the head of their column says.
LABELS = """
return [...document.querySelectorAll('.stack td')].filter(td => {
  const heads = td.closest('table').querySelectorAll('thead th');
  const label = getComputedStyle(td, '::before').content;
  return label !== JSON.stringify(heads[td.cellIndex].textContent.trim());
}).map(td => td.closest('table').getAttribute('aria-label') + ' ' + td.textContent);
"""


def test_no_table_of_numbers_hides_its_columns_on_a_phone(window, pages):
    """Below 46rem a row stands as label and value: nothing that matters lies beyond the edge."""
    window.open((pages / "full.html").as_uri(), width=390)
    assert window.run(CUT_OFF) == []
    assert window.run(LABELS) == []


# Contrast of what is drawn and not text, against the stretch or page behind it.
DRAWN = """
const rgb = c => c.match(/[\\d.]+/g).slice(0, 3).map(Number);
const light = c => {
  const [r, g, b] = c.map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ratio = (one, other) => {
  const [a, b] = [light(one), light(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
};
const region = rgb(getComputedStyle(document.querySelector('.row-plot .region')).fill);
const found = [...document.querySelectorAll('.row-plot .plain')].map(node => {
  const style = getComputedStyle(node);
  const share = Number(style.strokeOpacity);
  return ratio(rgb(style.stroke).map((v, i) => share * v + (1 - share) * region[i]), region);
});
const link = getComputedStyle(document.querySelector('.o-claim a')).textDecorationColor;
const page = rgb(getComputedStyle(document.body).backgroundColor);
return [Math.min(...found), ratio(rgb(link), page)];
"""

SMALL = """
return [...document.querySelectorAll('.key a, a.slug, .contents a, .back a, .note a')]
  .map(node => node.getBoundingClientRect().height).filter(height => height && height < 24);
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_drawn_has_contrast_too(window, pages, scheme):
    """Three to one (WCAG 1.4.11) for the plain interval in its stretch and links' underlines."""
    window.open((pages / "full.html").as_uri(), width=1280, scheme=scheme)
    assert min(window.run(DRAWN)) >= 3


@pytest.mark.parametrize("width", [1280, 390])
def test_links_that_stand_alone_can_be_hit(window, pages, width):
    """At least 24 px high (WCAG 2.5.8)."""
    window.open((pages / "full.html").as_uri(), width=width)
    assert window.run(SMALL) == []


WIDTHS = """
return ['.theirs .line.thin', '.curves .theirs .line:not(.thin)'].map(
  name => parseFloat(getComputedStyle(document.querySelector(name)).strokeWidth));
"""


def test_the_edges_of_the_papers_band_are_thinner_than_its_lines(window, pages):
    """They bound a shade; the line of a curve is what is read."""
    window.open((pages / "full.html").as_uri(), width=1280)
    edge, line = window.run(WIDTHS)
    assert edge < line


UNREACHED = """
document.querySelectorAll('details').forEach(d => d.open = true);
return [...document.querySelectorAll('.scroll:not([tabindex])')]
  .filter(box => box.scrollWidth > box.clientWidth + 1)
  .map(box => box.firstElementChild.getAttribute('aria-label'));
"""


@pytest.mark.parametrize("width", [1280, 760, 390])
def test_what_scrolls_can_be_reached_by_the_keyboard(window, pages, width):
    """A table fits, or its box is a stop."""
    window.open((pages / "full.html").as_uri(), width=width)
    assert window.run(UNREACHED) == []
