"""The people of the drawn pictures: colours and hair. None of them exists."""

from __future__ import annotations

from dataclasses import dataclass, replace

Colour = tuple[int, int, int]
"""Blue, green, red."""


@dataclass(frozen=True)
class Person:
    """The colours and the hair of one drawn person; `cat_paint` is the colour of a cat's nose and whiskers on it."""

    skin: Colour
    hair: Colour
    iris: Colour
    lips: Colour
    shirt: Colour
    wall: Colour
    brow: float = 1.0
    long_hair: bool = False
    cat_paint: Colour | None = None


ADA = Person(
    skin=(152, 186, 232),
    hair=(38, 50, 78),
    iris=(84, 62, 38),
    lips=(98, 96, 190),
    shirt=(132, 92, 58),
    wall=(208, 196, 178),
)
"""Short dark hair, light skin, brown hair and eyes."""

BO = Person(
    skin=(96, 132, 184),
    hair=(24, 22, 24),
    iris=(40, 74, 58),
    lips=(70, 62, 168),
    shirt=(70, 96, 168),
    wall=(176, 190, 182),
    brow=1.5,
    long_hair=True,
)
"""Long black hair, brown skin, strong brows, a red shirt."""

BO_AS_CAT = replace(BO, cat_paint=(30, 26, 30))
"""The same with a painted face: a swap keeps the light of the target, so it shows lines better than colours."""
