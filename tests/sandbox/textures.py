"""Generated pictures without a face, of kinds that detectors often mistake for one: each function draws one kind."""

from collections.abc import Callable

import cv2
import numpy as np

Random = np.random.Generator
WIDTH, HEIGHT = 640, 480


def texture(number: int) -> np.ndarray:
    """Picture `number`, 480×640 BGR uint8: the kinds alternate."""
    random = np.random.default_rng(number)
    return KINDS[number % len(KINDS)](random)


def clouds(random: Random) -> np.ndarray:
    """Noise of many sizes, like clouds, marble and leaves."""
    total = np.zeros((HEIGHT, WIDTH, 3))
    steepness = random.uniform(0.5, 1.2)
    for size in 2.0 ** np.arange(0, 7):
        noise = cv2.GaussianBlur(random.normal(0, 1, (HEIGHT, WIDTH, 3)), (0, 0), size)
        noise[:, :, 1:] += random.uniform(0, 2) * noise[:, :, :1]
        total += noise / noise.std() * size**steepness
    return cv2.normalize(total, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


def circuit(random: Random) -> np.ndarray:
    """A circuit board: lines with corners, round pads, chips with legs."""
    image = filled((40, 110, 30), random)
    for _ in range(120):
        x, y = place(random)
        corner, end = (x + int(random.integers(-150, 150)), y), place(random)
        cv2.polylines(image, [np.array([(x, y), corner, (corner[0], end[1])])], False, colour(random), 2)
        cv2.circle(image, (x, y), int(random.integers(3, 9)), (170, 200, 210), -1)
        cv2.circle(image, (x, y), 2, (10, 10, 10), -1)
    for _ in range(12):
        chip(image, place(random), random)
    return image


def chip(image: np.ndarray, corner: tuple[int, int], random: Random) -> None:
    width, height = (int(length) for length in random.integers(30, 120, 2))
    x, y = corner
    for leg in range(0, width, 10):
        cv2.line(image, (x + leg, y - 8), (x + leg, y + height + 8), (180, 180, 180), 3)
    cv2.rectangle(image, (x, y), (x + width, y + height), (30, 30, 30), -1)
    cv2.putText(image, str(random.integers(999)), (x + 8, y + height // 2), 0, 0.6, (200, 200, 200), 1)


def grille(random: Random) -> np.ndarray:
    """A metal sheet with rows of holes or slots, lit from one side."""
    image = filled((150, 150, 150), random)
    step, radius = int(random.integers(18, 90)), random.uniform(0.2, 0.45)
    axes = (round(step * radius), round(step * radius * random.uniform(0.3, 1)))
    for row, y in enumerate(range(0, HEIGHT + step, step)):
        for x in range(0, WIDTH + step, step):
            cv2.ellipse(image, (x + row % 2 * step // 2, y + 2), axes, 0, 0, 360, (235, 235, 235), -1)
            cv2.ellipse(image, (x + row % 2 * step // 2, y), axes, 0, 0, 360, (20, 20, 25), -1)
    return shaded(image, random)


def cloth(random: Random) -> np.ndarray:
    """Woven threads of two colours, with folds."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    folds = 30 * np.sin(columns / random.uniform(30, 120) + rows / random.uniform(50, 300))
    step = random.uniform(4, 40)
    weave = np.sin((columns + folds) / step * np.pi) * np.sin((rows + folds) / step * np.pi)
    share = (0.5 + 0.5 * np.sign(weave) * np.abs(weave) ** 0.4)[..., None]
    mixed = share * np.array(colour(random)) + (1 - share) * np.array(colour(random))
    return shaded(mixed.astype(np.uint8), random)


def bricks(random: Random) -> np.ndarray:
    """A wall of bricks or tiles, each of its own brightness."""
    image = filled((150, 160, 165), random)
    width, height = int(random.integers(40, 160)), int(random.integers(20, 80))
    base = np.array(colour(random))
    for row, y in enumerate(range(0, HEIGHT, height)):
        for x in range(-width, WIDTH, width):
            left = x + row % 2 * width // 2
            shade = np.clip(base + random.normal(0, 25), 0, 255).tolist()
            cv2.rectangle(image, (left + 3, y + 3), (left + width - 3, y + height - 3), shade, -1)
    return grained(shaded(image, random), random)


def stones(random: Random) -> np.ndarray:
    """Pebbles: rounded patches with a shadow."""
    image = filled((60, 60, 60), random)
    for _ in range(400):
        middle, axes = place(random), tuple(int(length) for length in random.integers(8, 60, 2))
        shade = np.clip(np.array([120, 130, 140]) + random.normal(0, 35, 3), 0, 255).tolist()
        angle = float(random.uniform(0, 180))
        cv2.ellipse(image, (middle[0] + 4, middle[1] + 5), axes, angle, 0, 360, (25, 25, 25), -1)
        cv2.ellipse(image, middle, axes, angle, 0, 360, shade, -1)
    return grained(cv2.GaussianBlur(image, (0, 0), 1.5), random)


def rings(random: Random) -> np.ndarray:
    """Rings, as of wood, wheels, lamps and eyes."""
    image = filled(colour(random), random)
    for _ in range(int(random.integers(4, 30))):
        middle, radius = place(random), int(random.integers(15, 120))
        for part in np.linspace(1, 0.1, int(random.integers(2, 8))):
            cv2.circle(image, middle, round(radius * part), colour(random), -1)
    return shaded(image, random)


def facade(random: Random) -> np.ndarray:
    """Fronts of buildings: pairs of windows above a door."""
    image = filled(colour(random), random)
    side = int(random.integers(60, 240))
    for top in range(0, HEIGHT, side):
        for left in range(0, WIDTH, side):
            unit = side / 10
            for x, y, right, bottom in ((2, 2, 4, 4), (6, 2, 8, 4), (4, 6, 6, 9)):
                corners = [(round(left + a * unit), round(top + b * unit)) for a, b in ((x, y), (right, bottom))]
                cv2.rectangle(image, *corners, (40, 35, 30), -1)
                cv2.rectangle(image, *corners, (230, 230, 230), max(1, round(unit / 5)))
    return grained(shaded(image, random), random)


def spots(random: Random) -> np.ndarray:
    """Fur with dark spots, like a cheetah's."""
    image = filled((90, 150, 190), random)
    for _ in range(600):
        axes = tuple(int(length) for length in random.integers(3, 16, 2))
        cv2.ellipse(image, place(random), axes, float(random.uniform(0, 180)), 0, 360, (25, 35, 45), -1)
    return grained(cv2.GaussianBlur(image, (0, 0), 1.2), random)


def print_(random: Random) -> np.ndarray:
    """Lines of text of several sizes."""
    image = filled((245, 245, 245), random)
    y = 0
    while y < HEIGHT:
        size = random.uniform(0.4, 3)
        y += round(28 * size)
        letters = "".join(chr(letter) for letter in random.integers(35, 122, 60))
        cv2.putText(image, letters, (5, y), int(random.integers(0, 5)), size, (30, 30, 30), max(1, round(size)))
    return image


def flowers(random: Random) -> np.ndarray:
    """Petals around dark middles, with leaves."""
    image = filled((40, 90, 40), random)
    for _ in range(30):
        middle, reach, tint = place(random), int(random.integers(15, 90)), colour(random)
        for angle in range(0, 360, 40):
            cv2.ellipse(image, middle, (reach, reach // 4), angle, 0, 360, tint, -1)
            cv2.ellipse(image, middle, (reach, reach // 4), angle, 0, 360, (30, 30, 30), 1)
        cv2.circle(image, middle, reach // 4, (30, 60, 90), -1)
    return grained(cv2.GaussianBlur(image, (0, 0), 1.2), random)


KINDS: tuple[Callable[[Random], np.ndarray], ...] = (
    clouds,
    circuit,
    grille,
    cloth,
    bricks,
    stones,
    rings,
    facade,
    spots,
    print_,
    flowers,
)


def filled(tint: tuple[int, ...], random: Random) -> np.ndarray:
    """One colour, a little changed."""
    shade = np.clip(np.array(tint) + random.normal(0, 20, 3), 0, 255)
    return np.full((HEIGHT, WIDTH, 3), shade, np.uint8)


def shaded(image: np.ndarray, random: Random) -> np.ndarray:
    """Lit from one side, with soft shadows."""
    shadow = cv2.GaussianBlur(random.normal(0, 1, image.shape[:2]), (0, 0), 60)
    light = np.linspace(*random.uniform(0.5, 1.2, 2), image.shape[1]) + 0.25 * shadow / shadow.std()
    return np.clip(image * light[..., None], 0, 255).astype(np.uint8)


def grained(image: np.ndarray, random: Random) -> np.ndarray:
    return np.clip(image + random.normal(0, 8, image.shape), 0, 255).astype(np.uint8)


def colour(random: Random) -> tuple[int, ...]:
    return tuple(int(level) for level in random.integers(20, 235, 3))


def place(random: Random) -> tuple[int, int]:
    return int(random.integers(0, WIDTH)), int(random.integers(0, HEIGHT))
