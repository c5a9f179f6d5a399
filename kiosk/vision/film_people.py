"""Makes figures for the sample film out of pictures that our dependencies install; refuses to hold a picture itself."""

from dataclasses import dataclass, field
from importlib.resources import files
from typing import Final

import cv2
import numpy as np

from kiosk.vision.arrays import Floats, Image

FACE: Final = 220
"""Size in pixels of the detector's box on a figure at scale 1."""
WIDTH, HEIGHT = 720, 1120
"""Pixels of a figure's canvas."""
HEAD: Final = (360.0, 250.0)
"""Where the middle of the face's box lies on the canvas."""
T1: Final = ("insightface.data", "images/t1.jpg")
TOM: Final = ("insightface.data", "images/Tom_Hanks_54745.png")
ASTRONAUT: Final = ("skimage.data", "astronaut.png")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure comes from.

    Attributes:
        picture: package and file.
        box: middle x, middle y and size of the face's box, pixels of the picture.
        roll: degrees that the head leans to the right of the picture's viewer; taken out.
        outline: corners of head and neck, pixels of the picture.
        shirt: BGR of the torso that is drawn, or none when the outline has one.
        neck: pixels of the canvas by which neck and shoulders lie to the right of the face's middle.
        hair: BGR of the hair that is drawn behind the head, where the picture has too little of it.
    """

    picture: tuple[str, str]
    box: tuple[float, float, float]
    roll: float
    outline: tuple[tuple[int, int], ...]
    shirt: tuple[int, int, int] | None
    neck: int = 0
    hair: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A person without surroundings: premultiplied BGRA uint8, whole size and half size."""

    full: Image = field(repr=False)
    half: Image = field(repr=False)


# fmt: off
SOURCES: Final[dict[str, Source]] = {
    "t1-0": Source(T1, (112, 329, 127), -25, (
        (77, 235), (95, 234), (113, 239), (130, 249), (147, 265), (162, 285), (173, 307), (181, 330), (186, 355), (188, 380),
        (186, 393), (170, 399), (155, 407), (133, 420), (129, 440), (123, 453), (89, 455), (45, 450), (30, 430), (25, 405),
        (22, 365), (20, 325), (22, 295), (29, 273), (43, 255), (60, 243)), (60, 58, 52)),
    "t1-1": Source(T1, (318, 214, 129), -24, (
        (266, 151), (270, 135), (282, 119), (298, 109), (318, 103), (340, 105), (358, 111), (375, 121), (388, 130), (392, 145),
        (394, 160), (395, 180), (400, 200), (404, 222), (408, 250), (392, 285), (360, 293), (330, 285), (332, 267), (320, 262),
        (312, 255), (306, 245), (304, 237), (300, 231), (292, 225), (282, 215), (278, 203), (273, 185), (269, 172)), (95, 60, 90), 22),
    "t1-2": Source(T1, (520, 339, 147), 13, (
        (466, 263), (473, 239), (482, 229), (495, 221), (515, 219), (535, 218), (555, 220), (575, 227), (590, 235), (600, 250),
        (607, 267), (606, 285), (603, 303), (592, 320), (588, 335), (580, 345), (572, 357), (562, 372), (552, 388), (540, 404),
        (528, 416), (516, 422), (504, 420), (496, 412), (480, 398), (470, 380), (466, 355), (464, 335), (466, 310)),
        (95, 92, 88)),
    "t1-3": Source(T1, (794, 408, 134), 9, (
        (748, 317), (768, 308), (785, 295), (810, 291), (840, 298), (856, 309), (868, 321), (873, 335), (871, 357), (868, 375),
        (868, 395), (862, 413), (851, 423), (849, 440), (845, 457), (838, 475), (830, 490), (810, 487), (790, 481), (775, 471),
        (762, 457), (754, 445), (752, 430), (748, 415), (746, 400), (746, 387), (748, 370), (749, 350)), (45, 35, 150)),
    "t1-4": Source(T1, (954, 128, 149), 0, (
        (882, 45), (905, 38), (922, 20), (940, 10), (958, 2), (990, 1), (1015, 8), (1035, 24), (1049, 48), (1054, 70),
        (1056, 95), (1058, 120), (1056, 140), (1060, 160), (1062, 200), (1063, 225), (1030, 238), (1000, 230), (990, 214),
        (980, 204), (964, 208), (950, 204), (944, 195), (938, 186), (934, 178), (932, 168), (930, 158), (920, 152), (922, 145),
        (920, 132), (915, 122), (907, 110), (908, 98), (904, 85), (905, 72), (897, 62), (886, 55)), (120, 130, 125), 62),
    "t1-5": Source(T1, (1178, 333, 129), -2, (
        (1125, 325), (1126, 305), (1131, 280), (1140, 260), (1155, 245), (1175, 235), (1190, 235), (1207, 243), (1225, 255),
        (1240, 275), (1250, 300), (1256, 330), (1259, 365), (1261, 405), (1261, 427), (1245, 433), (1222, 432), (1221, 450),
        (1213, 464), (1155, 464), (1147, 450), (1143, 433), (1124, 420), (1124, 390), (1124, 355)), (140, 95, 60)),
    "astronaut": Source(ASTRONAUT, (224, 118, 110), 4, (
        (227, 16), (201, 23), (189, 33), (172, 43), (156, 58), (153, 68), (154, 93), (158, 106), (170, 117), (172, 126),
        (180, 134), (185, 150), (150, 153), (125, 170), (113, 195), (112, 206), (95, 215), (75, 240), (55, 265), (40, 290),
        (30, 330), (22, 400), (20, 580), (280, 580), (285, 430), (310, 390), (345, 352), (360, 345), (356, 300), (340, 260),
        (310, 243), (303, 225), (290, 192), (268, 168), (259, 158), (265, 140), (275, 133), (294, 111), (300, 98), (301, 78),
        (296, 56), (282, 35), (251, 19)), None),
    "tom": Source(TOM, (46, 59, 110), -2, (
        (20, 18), (30, 6), (50, 0), (70, 0), (80, 6), (83, 20), (83, 45), (82, 65), (79, 82), (72, 96), (62, 106), (52, 110),
        (42, 108), (32, 98), (24, 80), (18, 60), (16, 38)), (75, 80, 70), -4, (38, 38, 40)),
}
# fmt: on


def figure(subject: str) -> Figure:
    """Cut `subject` out of its picture and stand it on a torso.

    Args:
        subject: a key of `SOURCES`.
    """
    source = SOURCES[subject]
    picture = cv2.imdecode(
        np.frombuffer(files(source.picture[0]).joinpath(source.picture[1]).read_bytes(), np.uint8), cv2.IMREAD_COLOR
    )
    move = _to_canvas(source)
    size = (WIDTH, HEIGHT)
    head = cv2.warpAffine(picture, move, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    outline = np.array(source.outline, np.float32) @ move[:, :2].T + move[:, 2]
    alpha = _feathered([outline], 12.0 if source.hair else 5.0)
    body = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    cover = alpha
    if source.shirt is not None:
        body, torso = _torso(source, _skin(head))
        cover = np.maximum(alpha, torso)
    colour = body * (1 - alpha) + head.astype(np.float32) * alpha
    full = np.clip(np.concatenate([colour, cover * 255], axis=2), 0, 255).astype(np.uint8)
    half = cv2.resize(full, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return Figure(full, np.asarray(half, np.uint8))


def _skin(head: Image) -> Floats:
    """The colour of the chin and cheeks: 3 float32 BGR."""
    x, y = int(HEAD[0]), int(HEAD[1])
    return np.asarray(np.median(head[y + 10 : y + 90, x - 40 : x + 40].reshape(-1, 3), axis=0), np.float32)


def _to_canvas(source: Source) -> Floats:
    x, y, size = source.box
    move = cv2.getRotationMatrix2D((x, y), source.roll, FACE / size)
    move[:, 2] += np.array(HEAD) - (x, y)
    return np.asarray(move, np.float32)


def _feathered(shapes: list[Floats], softness: float) -> Floats:
    """Fill polygons with 1 and soften their edges inwards: H x W x 1 float32, 0..1."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillPoly(mask, [np.round(_rounded(shape)).astype(np.int32) for shape in shapes], 255)
    inner = cv2.erode(mask, np.ones((3, 3), np.uint8), iterations=int(softness / 2), borderValue=255)
    soft = cv2.GaussianBlur(inner, (0, 0), softness / 1.6, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(soft[:, :, None], np.float32) / np.float32(255)


def _rounded(corners: Floats) -> Floats:
    """Cut every corner of a polygon twice (Chaikin, 1974)."""
    for _ in range(2):
        after = np.roll(corners, -1, axis=0)
        corners = np.stack([0.75 * corners + 0.25 * after, 0.25 * corners + 0.75 * after], axis=1).reshape(-1, 2)
    return np.asarray(corners, np.float32)


def _torso(source: Source, skin: Floats) -> tuple[Floats, Floats]:
    """Draw neck, shoulders and the hair behind: premultiplied BGR float32 and cover 0..1."""
    x, y = HEAD[0] + source.neck, HEAD[1]
    chin = y + 0.42 * FACE
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None, None]
    aside = (np.arange(WIDTH, dtype=np.float32)[None, :, None] - np.float32(x)) / 300
    grain = np.random.default_rng(7).normal(0, 2.5, (HEIGHT, WIDTH, 1)).astype(np.float32)
    folds = 0.03 * np.sin(aside * 17 + rows / 55)
    light = 1.12 - np.clip((rows - chin) / 2200, 0, 0.25) - 0.30 * aside * aside - 0.10 * aside + folds
    right = [(54, 18), (64, 40), (110, 66), (185, 92), (238, 130), (262, 200), (276, 330), (284, 600), (284, HEIGHT)]
    shoulders = [(x + a, chin + b) for a, b in right] + [(x - a, chin + b) for a, b in reversed(right)]
    collar = [(x - 50, chin + 34), (x - 20, chin + 62), (x, chin + 68), (x + 20, chin + 62), (x + 50, chin + 34)]
    neck = [(-58, -70), (-55, -10), (-60, 28), (-40, 70), (0, 100), (40, 70), (60, 28), (55, -10), (58, -70)]
    bare = _feathered([np.array([(x + a, chin + b) for a, b in neck], np.float32)], 6.0)
    cloth = _feathered([np.array(shoulders + collar, np.float32)], 4.0)
    # The jaw throws its shadow on the neck; the sides of a neck turn away from the light.
    shade = 0.66 + 0.26 * np.clip((rows - chin) / 70, 0, 1) - 2.2 * aside * aside
    colour, cover = skin * shade * bare, bare
    if source.hair is not None:
        cap = np.array(cv2.ellipse2Poly((int(HEAD[0]) + 4, int(y) - 38), (100, 128), 0, 0, 360, 8), np.float32)
        hair = _feathered([cap], 8.0)
        sheen = 1 + 0.25 * np.sin(aside * 90) * np.cos(rows / 50)
        colour, cover = colour * (1 - hair) + np.array(source.hair, np.float32) * sheen * hair, np.maximum(cover, hair)
    return colour * (1 - cloth) + (np.array(source.shirt, np.float32) * light + grain) * cloth, np.maximum(cover, cloth)
