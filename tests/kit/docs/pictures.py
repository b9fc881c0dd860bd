"""The picture of the whole, with one stage's part lit: an SVG made here, the same every time."""

from dataclasses import dataclass
from html import escape

WIDTH, FLOOR_HEIGHT, GAP, MARGIN, HEAD = 760, 54, 8, 14, 26
LEFT, MIDDLE, RIGHT = 14, 290, 484  # where client, wire and server begin
SIDE_WIDTH, WIRE_WIDTH = 262, 180


@dataclass(frozen=True, slots=True)
class Floor:
    """One stage: what it adds at the client's side, on the wire, at the server's side."""

    name: str
    title: str
    client: str
    wire: str
    server: str


FLOORS = (
    Floor("stage1", "1 · bytes", "a terminal client", "bytes", "a thread per connection"),
    Floor("stage2", "2 · frames", "the client connection", "length + JSON", "engine, verb table"),
    Floor("stage3", "3 · accounts", "the login window", "ops 0–6", "sessions, the database"),
    Floor("stage4", "4 · chat", "the chat window", "ops 10–20, pushes", "rooms, history"),
    Floor("stage5", "5 · files", "the files window", "ops 30–36, raw bytes", "the file store"),
    Floor("final", "the whole", "the app", "one command", "three servers"),
)

# Fill, line, text: for what is lit, what stood before, and what is still to come.
LIT = ("#ffd666", "#ad6800", "#1f1f1f")
BEFORE = ("#d6e4ff", "#597ef7", "#1f1f1f")
HEAD_INK = "#434343"
TO_COME = ("#fafafa", "#d9d9d9", "#6b6b6b")


def picture(stage: str) -> str:
    """Return an SVG of the whole in which ``stage`` is lit, earlier ones solid, later ones pale."""
    here = [floor.name for floor in FLOORS].index(stage)
    height = HEAD + MARGIN * 2 + len(FLOORS) * (FLOOR_HEIGHT + GAP) - GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img" font-family="sans-serif">',
        f"<title>{escape(words(stage))}</title>",
        f'<rect width="{WIDTH}" height="{height}" rx="10" fill="#ffffff"/>',
        *(
            _text(x, HEAD, head, HEAD_INK, anchor="middle")
            for head, x in (
                ("client", LEFT + SIDE_WIDTH // 2),
                ("on the wire", MIDDLE + WIRE_WIDTH // 2),
                ("server", RIGHT + SIDE_WIDTH // 2),
            )
        ),
    ]
    for number, floor in enumerate(FLOORS):
        y = HEAD + MARGIN + (len(FLOORS) - 1 - number) * (FLOOR_HEIGHT + GAP)
        colours = LIT if number == here else BEFORE if number < here else TO_COME
        parts += _floor(floor, y, colours)
    return "\n".join([*parts, "</svg>", ""])


def words(stage: str) -> str:
    """Return the picture in words, for who cannot see it."""
    here = [floor.name for floor in FLOORS].index(stage)
    floor = FLOORS[here]
    below = ", ".join(f.title for f in FLOORS[:here])
    stands = f" It stands on: {below}." if below else ""
    return (
        f"Six floors, each with a client, a wire and a server. Lit: {floor.title} "
        f"({floor.client}; {floor.wire}; {floor.server}).{stands}"
    )


def _floor(floor: Floor, y: int, colours: tuple[str, str, str]) -> list[str]:
    _fill, line, ink = colours
    middle = y + FLOOR_HEIGHT // 2
    ends = LEFT + SIDE_WIDTH, RIGHT
    return [
        *_box(LEFT, y, colours),
        *_box(RIGHT, y, colours),
        f'<path d="M{ends[0]} {middle}H{ends[1]}" stroke="{line}" stroke-width="2"/>',
        _text(LEFT + 12, y + 21, floor.title, ink, bold=True),
        _text(LEFT + 12, y + 41, floor.client, ink),
        _text(RIGHT + 12, middle + 5, floor.server, ink),
        _text(MIDDLE + WIRE_WIDTH // 2, middle - 7, floor.wire, ink, anchor="middle"),
    ]


def _box(x: int, y: int, colours: tuple[str, str, str]) -> list[str]:
    fill, line, _ink = colours
    return [
        f'<rect x="{x}" y="{y}" width="{SIDE_WIDTH}" height="{FLOOR_HEIGHT}" rx="6" '
        f'fill="{fill}" stroke="{line}" stroke-width="1.5"/>'
    ]


def _text(x: int, y: int, text: str, ink: str, *, bold: bool = False, anchor: str = "") -> str:
    weight = ' font-weight="bold"' if bold else ""
    place = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x}" y="{y}" font-size="14" fill="{ink}"{weight}{place}>{escape(text)}</text>'
