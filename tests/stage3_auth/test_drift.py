"""Colours that wander through the palette: a function of the time, asked as often as one paints."""

import itertools

import pytest

from tests.kit import check
from tests.kit.probe import Probe, ProbeObject

pytestmark = pytest.mark.functions

Rgb = tuple[int, int, int]

FRAMES_A_SECOND = 30
# From black to white in two thirds of three seconds, at the steepest place of a smooth curve.
LARGEST_STEP = 7
PALETTE = [(0, 0, 0), (255, 255, 255), (220, 20, 60), (0, 128, 128), (255, 215, 0), (75, 0, 130)]


def drift(probe: Probe, seed: int) -> ProbeObject:
    """Return a drift whose chance is that of ``seed``."""
    chance = probe.new("random:Random", seed)
    return probe.new("stage3_auth.ui.palette:ColourDrift", PALETTE, chance)


def seen(made: ProbeObject, seconds: int) -> list[Rgb]:
    """Return the colours of so many seconds, frame by frame."""
    times = (number / FRAMES_A_SECOND for number in range(seconds * FRAMES_A_SECOND))
    colours = (made.call("at", now) for now in times)
    return [(colour.red, colour.green, colour.blue) for colour in colours]


@pytest.mark.task("3.10", hint="Where does the colour begin, when the next crossing begins?")
@pytest.mark.points(1)
def test_a_colour_drifts_through_the_palette_and_never_jumps(probe: Probe) -> None:
    colours = seen(drift(probe, 1), 60)
    pairs = itertools.pairwise(colours)
    steps = [max(abs(a - b) for a, b in zip(*pair, strict=True)) for pair in pairs]
    check.that(max(steps) <= LARGEST_STEP, f"it jumps by {max(steps)} of 255 between two frames")
    check.that(colours[0] in PALETTE, f"it begins with {colours[0]}, which the palette has not")
    met = set(colours) & set(PALETTE)
    check.that(len(met) > 3, f"in a minute it met only {sorted(met)} of the palette")
    still = steps.count(0) / len(steps)
    check.that(still < 0.5, f"it stands still in {still:.0%} of the frames")


@pytest.mark.task("3.10", hint="What happens to two drifts that begin at the same moment?")
@pytest.mark.points(0.5)
def test_two_drifts_go_their_own_ways(probe: Probe) -> None:
    first, second = (seen(drift(probe, seed), 20) for seed in (1, 2))
    same = sum(map(tuple.__eq__, first, second)) / len(first)
    check.that(same < 0.3, f"two drifts have the same colour in {same:.0%} of the frames")
