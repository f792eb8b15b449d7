"""Taking the source's own light out of its flat face, so that the target's light can be put on.

A face is nearly symmetric, so a slow difference between its two halves is light and not a feature. The idea of a
quotient of two lights is from Riklin-Raviv and Shashua 2001, https://doi.org/10.1109/34.908964.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from akool_nb.sandbox.engine import topology
from akool_nb.sandbox.engine.arrays import Image, Mask, Points
from akool_nb.sandbox.engine.opencv import cv2

COARSE = 96
"""Side of the grid on which light is estimated."""

BLACK = 14
DARK = 55
"""Grey levels below which a pixel shows nothing but noise, and from which it is fully used."""

BRIGHT = 242
BLOWN = 254
"""Levels of the brightest channel from which a pixel loses detail, and shows none."""

FINE = 40
"""The blur that separates fine detail from patches of light has 1/FINE of the face's side."""

HARD_RELIEF = 0.1
EVEN_RELIEF = 1.2
"""How much brighter or darker than its surroundings skin may be (logarithm), in a hard light and in an even one.

In a hard light folds stay and the edges of shadows fade.
"""

CORNER_SHADOW = 0.12
"""How much darker than its surroundings the skin at the corners of the mouth may be (logarithm).

A smile makes these corners dark, and over a closed mouth they would be smudges.
"""

USUAL_DIFFERENCE = 0.15
"""Differences between the halves (logarithm) that are the face's own."""

HARDNESS = 0.08
"""A mean one-sided light (logarithm) or an unknown part of the skin above which the light counts as hard."""

LIP_COLOUR = 0.5
EYE_COLOUR = 0.14
SKIN_COLOUR = 0.05
"""How far colours may differ from the skin's mean (logarithms): on the lips, in the eyes, and elsewhere.

Lamps of two colours and highlights leave patches of hue on the skin, which its own spots hardly have.
"""

SKIN = (108, 137, 185)
"""Colour (BGR) to which the skin is brought, so that the target's colour is within reach of `colour.MOST_TINT`."""

FLOOR = 4.0  # added before a logarithm is taken, so that noise in black is not enlarged


def delighted(flat: Image, seen: Mask) -> tuple[Image, Mask]:
    """A flat face (BGR uint8) in even light, and how far each place is known (float32, 0 to 1).

    `seen` says what the photo shows (0 to 1). What it does not show, or shows black or blown out, is taken from the
    other half of the face; what neither half shows is 0 in the second answer.
    """
    trust = cv2.GaussianBlur(seen * _exposure(flat), (0, 0), len(flat) / 90)
    logs = np.log(flat.astype(np.float32) + FLOOR)
    light = logs.mean(axis=2)
    lamp = _one_sided(light, trust)
    even = light - lamp
    colour = _even_colour(logs - light[..., None], trust)
    both = colour + even[..., None]
    share = _own_share(trust)
    both = both * share[..., None] + _mirrored(both) * (1 - share)[..., None]
    known = np.clip(1.6 * np.maximum(trust, _mirrored(trust)), 0, 1)
    return _levelled(_limited(both, _relief(lamp, trust)), known), known


def _relief(lamp: Mask, trust: Mask) -> float:
    """The limit for patches on the skin, which depends on how hard the light is."""
    skin = _skin()
    one_sided = float((_small(np.abs(lamp)) * skin).sum() / skin.sum())
    unknown = 1 - float((_small(trust) * skin).sum() / skin.sum())
    evenness = np.exp(-((max(one_sided, 0.3 * unknown) / HARDNESS) ** 2))
    return float(HARD_RELIEF + (EVEN_RELIEF - HARD_RELIEF) * evenness)


def _own_share(trust: Mask) -> Mask:
    """How much of each place is taken from itself and not from the other half: 1 where it is known well."""
    around = cv2.GaussianBlur(trust, (0, 0), len(trust) / 16) ** 2
    better = around / (around + _mirrored(around) + 1e-3)
    share = np.clip(2.5 * better, 0, 1) * np.clip(trust / (0.7 * _mirrored(trust) + 1e-3), 0, 1)
    return np.asarray(cv2.GaussianBlur(share.astype(np.float32), (0, 0), len(trust) / 60))


def _limited(logs: Points, most: float) -> Points:
    """The logarithms of colours with all patches of light and shadow on the skin limited to `most`.

    Wide patches and fine detail are limited each by itself: together they would leave islands with hard edges.
    """
    light = logs.mean(axis=2)
    skin = cv2.resize(_skin(), light.shape[::-1])
    slow = _blurred_skin(light, skin, len(light) / 10)
    middle = _blurred_skin(light, skin, len(light) / FINE)
    relief = light - slow
    patches = most * np.tanh((middle - slow) / most)
    on_skin = patches + most * np.tanh((light - middle) / most)
    limited = np.where(relief > 0, on_skin, skin * on_skin + (1 - skin) * relief)
    corners = _mouth_corners(len(light))
    limited = np.maximum(limited, -CORNER_SHADOW * corners + np.minimum(limited, 0) * (1 - corners))
    return np.asarray(logs + (limited - relief)[..., None])


def _blurred_skin(light: Mask, skin: Mask, sigma: float) -> Mask:
    """The light smoothed over the skin alone."""
    amount = cv2.GaussianBlur(skin, (0, 0), sigma) + 1e-3
    return np.asarray(cv2.GaussianBlur(light * skin, (0, 0), sigma) / amount)


def _exposure(flat: Image) -> Mask:
    """1 where the photo shows detail, 0 where it is black or blown out."""
    grey = cv2.GaussianBlur(cv2.cvtColor(flat, cv2.COLOR_BGR2GRAY), (0, 0), len(flat) / 60).astype(np.float32)
    # Brows, pupils and nostrils are dark in every light.
    around = cv2.GaussianBlur(grey, (0, 0), len(flat) / 20)
    top = cv2.GaussianBlur(flat.max(axis=2), (0, 0), len(flat) / 150).astype(np.float32)
    lit = np.clip((np.maximum(grey, around) - BLACK) / (DARK - BLACK), 0, 1)
    return np.asarray(lit * np.clip((BLOWN - top) / (BLOWN - BRIGHT), 0.02, 1))


def _one_sided(light: Mask, trust: Mask) -> Mask:
    """Half of the slow difference between the two halves of the face; edges of shadows stay sharp in it."""
    gap = _small(light - _mirrored(light))
    both = _small(np.minimum(trust, _mirrored(trust)))
    # Where one half shows nothing, the difference is continued from around.
    amount = cv2.GaussianBlur(both, (0, 0), 5) + 1e-3
    around = cv2.GaussianBlur(gap * both, (0, 0), 5) / amount
    gap = gap * both + around * (1 - both)
    smooth = cv2.bilateralFilter(np.clip(gap, -2.5, 2.5).astype(np.float32), 0, 0.5, 4.5)
    smooth = (smooth - smooth[:, ::-1]) / 2
    smooth = np.sign(smooth) * np.maximum(np.abs(smooth) - USUAL_DIFFERENCE, 0)
    return np.asarray(cv2.resize(smooth, light.shape[::-1], interpolation=cv2.INTER_CUBIC) / 2)


def _even_colour(colour: Points, trust: Mask) -> Points:
    """The logarithms of colour without slow changes over the skin: those come from coloured light and from shadows."""
    weight = _small(trust) * _skin()
    amount = weight.sum() + 1e-3
    small = np.dstack([_small(colour[..., channel]) for channel in range(3)])
    mean = (small * weight[..., None]).sum(axis=(0, 1)) / amount
    blurred = cv2.GaussianBlur(np.dstack([small * weight[..., None], weight]), (0, 0), 6)
    slow = (blurred[..., :3] + 0.02 * mean) / (blurred[..., 3:] + 0.02)
    size = colour.shape[1::-1]
    even = colour - cv2.resize((slow - mean).astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    # Noise has any colour: what is hardly lit gets the colour of the skin.
    kept = np.clip(2 * trust, 0, 1)[..., None]
    most = _most_colour(len(colour))
    return np.asarray(mean + most * np.tanh((even - mean) / most) * kept)


@cache
def _most_colour(size: int) -> Mask:
    """How far the colour of each place may differ from the skin's (size×size×3 float32)."""
    eyes = _spots((topology.LEFT_EYE, topology.RIGHT_EYE), size)[..., None]
    most = SKIN_COLOUR + (EYE_COLOUR - SKIN_COLOUR) * eyes
    # Lips are less green and more red than the skin; blue ones are in the shadow of a coloured lamp.
    lips = _spots((topology.OUTER_LIPS,), size)[..., None] * np.array([0, 1, 1], np.float32)
    return np.asarray(most + (LIP_COLOUR - most) * lips)


def _levelled(logs: Points, known: Mask) -> Image:
    """Logarithms of colours as a BGR picture whose skin has the colour SKIN."""
    wanted = np.log(np.array(SKIN, np.float32))
    skin = cv2.resize(_skin(), logs.shape[1::-1]) * known > 0.5
    middle = np.median(logs[skin], axis=0) if skin.any() else wanted
    return np.asarray(np.clip(np.exp(logs - middle + wanted) - FLOOR, 0, 245), np.uint8)


@cache
def _skin() -> Mask:
    """1 on the coarse grid where there is skin, 0 on eyes, brows, lips, outside the face and above the brows (hair)."""
    layout = np.round(topology.LAYOUT * COARSE).astype(np.int32)
    place = np.zeros((COARSE, COARSE), np.float32)
    cv2.fillPoly(place, [layout[topology.OUTLINE]], 1.0)
    place = cv2.erode(place, np.ones((5, 5), np.uint8))
    place[: layout[topology.BROWS, 1].min()] = 0
    for loop in (topology.LEFT_EYE, topology.RIGHT_EYE, *topology.WHOLE_BROWS, topology.OUTER_LIPS):
        cv2.fillConvexPoly(place, cv2.convexHull(layout[loop]), 0.0)
        cv2.polylines(place, [cv2.convexHull(layout[loop])], True, 0.0, 3)
    return np.asarray(place)


def _spots(loops: tuple[Points, ...], size: int) -> Mask:
    """1 on the places inside the loops of points, 0 elsewhere, with a soft edge."""
    place = np.zeros((size, size), np.float32)
    for loop in loops:
        cv2.fillConvexPoly(place, cv2.convexHull(np.round(topology.LAYOUT[loop] * size).astype(np.int32)), 1.0)
    return np.asarray(cv2.GaussianBlur(place, (0, 0), size / 100))


@cache
def _mouth_corners(size: int) -> Mask:
    """1 on both corners of the mouth, 0 away from them, softly."""
    place = np.zeros((size, size), np.float32)
    for x, y in np.round(topology.LAYOUT[[61, 291]] * size).astype(int).tolist():
        cv2.circle(place, (x, y), size // 20, 1.0, -1)
    return np.asarray(cv2.GaussianBlur(place, (0, 0), size / 50))


def _small(values: Mask) -> Mask:
    return np.asarray(cv2.resize(values.astype(np.float32), (COARSE, COARSE), interpolation=cv2.INTER_AREA))


def _mirrored(values: Points) -> Points:
    return np.asarray(values[:, ::-1])
