"""Lists of pairs, folders of people and groups: what is understood, and the sentence for what is not."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.evaluation import naming, pairs
from kiosk.evaluation.pairs import Pair
from kiosk.faults import Fault, FaultCode


def lfw(root: Path, names: int = 4, pictures: int = 3, suffix: str = ".jpg") -> Path:
    """Empty files where LFW has its photographs."""
    for i in range(names):
        folder = root / f"Person_{i}"
        folder.mkdir(parents=True)
        for k in range(1, pictures + 1):
            (folder / f"Person_{i}_{k:04d}{suffix}").touch()
    return root


LFW_LINES = [
    "Person_0\t1\t2",
    "Person_1\t1\t3",
    "Person_0\t1\tPerson_1\t2",
    "Person_2\t3\tPerson_3\t1",
    "Person_2\t1\t2",
    "Person_3\t2\t3",
    "Person_0\t3\tPerson_3\t3",
    "Person_1\t1\tPerson_2\t2",
]


def refusal(doing: Callable[[], object]) -> str:
    with pytest.raises(Fault) as caught:
        doing()
    assert caught.value.code is FaultCode.EVALUATION_REFUSED
    assert caught.value.detail.endswith(".")
    return caught.value.detail


@pytest.mark.parametrize("tab", ["\t", " "])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lfw_s_own_list_is_read_with_its_folds(tmp_path: Path, tab: str, end: str) -> None:
    root = lfw(tmp_path / "lfw")
    listed = tmp_path / "pairs.txt"
    listed.write_text(end.join(["2\t2", *LFW_LINES, ""]).replace("\t", tab), newline="")
    found = pairs.read(listed, root)
    assert [pair.mated for pair in found] == [True, True, False, False] * 2
    assert [pair.fold for pair in found] == ["0"] * 4 + ["1"] * 4
    assert found[0] == Pair(
        root / "Person_0" / "Person_0_0001.jpg", root / "Person_0" / "Person_0_0002.jpg", mated=True, fold="0"
    )
    assert found[3].a == root / "Person_2" / "Person_2_0003.jpg"
    assert found[3].b == root / "Person_3" / "Person_3_0001.jpg"


def test_a_list_of_the_development_set_has_one_figure_and_no_folds(tmp_path: Path) -> None:
    listed = lfw(tmp_path) / "pairsDevTest.txt"
    listed.write_text("\n".join(["2", *LFW_LINES[:4]]))
    assert [pair.fold for pair in pairs.read(listed)] == [None] * 4


def test_the_photographs_may_lie_one_folder_deeper_and_be_of_another_kind(tmp_path: Path) -> None:
    lfw(tmp_path / "download" / "lfw_funneled", suffix=".png")
    listed = tmp_path / "pairs.txt"
    listed.write_text("\n".join(["2 2", *LFW_LINES]))
    (tmp_path / "download" / "lfw_funneled" / "__MACOSX").mkdir()
    found = pairs.read(listed, tmp_path / "download")
    assert found[0].a == tmp_path / "download" / "lfw_funneled" / "Person_0" / "Person_0_0001.png"


def test_a_line_that_lfw_would_not_write_is_named_by_its_number(tmp_path: Path) -> None:
    listed = lfw(tmp_path) / "pairs.txt"
    for line, text in (
        (3, "Person_1\t1\tx"),
        (3, "Person_1\t1"),
        (4, "Person_0\t1\t2"),
        (2, "Person_0\t1\tPerson_1\t1"),
    ):
        lines = ["2\t2", *LFW_LINES]
        lines[line - 1] = text
        listed.write_text("\n".join(lines))
        assert f"Line {line} " in refusal(lambda: pairs.read(listed))
    listed.write_text("\n".join(["2\t2", *LFW_LINES[:-1]]))
    assert refusal(lambda: pairs.read(listed)) == "The first line promises 8 pairs, and 7 follow."
    listed.write_text("\n".join(["2\t2", *LFW_LINES]).replace("Person_0\t1\t2", "../Person_0\t1\t2"))
    assert "is not a person's folder" in refusal(lambda: pairs.read(listed))


def test_a_table_of_pairs_is_read_with_and_without_a_header(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg", "c d.jpg"):
        (tmp_path / name).touch()
    listed = tmp_path / "pairs.csv"
    listed.write_text("a.jpg, b.jpg, 1\n\na.jpg,c d.jpg,0,north,3\n")
    a, b, c = tmp_path / "a.jpg", tmp_path / "b.jpg", tmp_path / "c d.jpg"
    assert pairs.read(listed) == (Pair(a, b, mated=True), Pair(a, c, mated=False, fold="3", group="north"))
    listed.write_text("\ufefffold,same,b,a\n1,yes,b.jpg,a.jpg\n2,No,c d.jpg,a.jpg\n")
    assert pairs.read(listed) == (Pair(a, b, mated=True, fold="1"), Pair(a, c, mated=False, fold="2"))


def test_what_is_wrong_with_a_table_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    (tmp_path / "b.jpg").touch()
    listed = tmp_path / "pairs.csv"
    good = "a.jpg,b.jpg,1\na.jpg,b.jpg,0\n"
    for text, expected in (
        (f"{good}a.jpg,b.jpg\n", "Line 3 is not"),
        (f"{good}a.jpg,b.jpg,perhaps\n", "Line 3 is not"),
        (f"{good}a.jpg,,1\n", "Line 3 is not"),
        (f"{good}a.jpg,b.jpg,1,g,1,more\n", "Line 3 is not"),
        (f'{good}"a.jpg,b.jpg,1\n', "Line 3"),
        ("a,b,same,age\na.jpg,b.jpg,1,7\n", "header may name a, b, same, group, fold"),
        ("a.jpg,b.jpg,1\n", "pairs of two people"),
        (f"{good}a.jpg,none.jpg,1\nx.jpg,b.jpg,0\n", f"2 pictures that {listed} names are not there"),
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("a.jpg\0,b.jpg,1\n", "is not text"),
    ):
        listed.write_text(text)
        assert expected in refusal(lambda: pairs.read(listed)), text
    listed.write_bytes(b"\xff\xfe\x00a")
    assert "is not text" in refusal(lambda: pairs.read(listed))
    assert "is not a file" in refusal(lambda: pairs.read(tmp_path / "none.csv"))
    assert "is not a file" in refusal(lambda: pairs.read(tmp_path))
    listed.write_text(good)
    assert "is not a folder" in refusal(lambda: pairs.read(listed, tmp_path / "none"))


def test_a_folder_of_people_is_read_in_order_at_any_depth(tmp_path: Path) -> None:
    for file in (
        "ann/1.jpg",
        "ann/new/2.PNG",
        "ann/notes.txt",
        "bo/1.webp",
        "empty/x.txt",
        ".hidden/1.jpg",
        "loose.jpg",
    ):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    found = naming.people(tmp_path)
    assert found.names == ("ann", "bo")
    assert [path.relative_to(tmp_path).as_posix() for path in found.pictures] == [
        "ann/1.jpg",
        "ann/new/2.PNG",
        "bo/1.webp",
    ]
    assert found.person == (0, 0, 1)
    assert found.passed_over == 3


def test_a_folder_without_two_people_is_refused_with_a_sentence(tmp_path: Path) -> None:
    assert "is not a folder" in refusal(lambda: naming.people(tmp_path / "none"))
    assert "shows 0 people" in refusal(lambda: naming.people(tmp_path))
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / "1.jpg").touch()
    assert "shows 1 people" in refusal(lambda: naming.people(tmp_path))
    (tmp_path / "ann" / "bo").mkdir()
    assert f"perhaps they are in {tmp_path / 'ann'}" in refusal(lambda: naming.people(tmp_path))
    (tmp_path / "ann" / "bo").rmdir()
    (tmp_path / "loose.jpg").touch()
    assert "1 pictures lie beside the folders" in refusal(lambda: naming.people(tmp_path))


@pytest.mark.parametrize("mark", ["kiosk.toml", "templates.db", "state/records.db"])
def test_nothing_inside_a_time_clock_s_data_is_evaluated_whatever_leads_there(tmp_path: Path, mark: str) -> None:
    data = tmp_path / "data"
    for name in ("ann", "bo"):
        (data / "faces" / name).mkdir(parents=True)
        (data / "faces" / name / "1.jpg").touch()
    naming.people(data / "faces")
    (data / mark).parent.mkdir(exist_ok=True)
    (data / mark).touch()
    (tmp_path / "link").symlink_to(data / "faces")
    (data / "pairs.csv").write_text("a,b,1\n")
    for place in (data / "faces", tmp_path / "link", data / "faces" / "..", Path(os.path.relpath(data / "faces"))):
        assert "is never evaluated" in refusal(lambda place=place: naming.people(place))  # type: ignore[misc]
    assert "is never evaluated" in refusal(lambda: pairs.read(data / "pairs.csv", tmp_path))
    assert "is never evaluated" in refusal(lambda: naming.groups(data / "pairs.csv"))


def test_groups_are_read_and_a_contradiction_is_refused(tmp_path: Path) -> None:
    listed = tmp_path / "groups.csv"
    listed.write_text("person,group\nann,north\n\nbo, south\nann,north\n")
    assert naming.groups(listed) == {"ann": "north", "bo": "south"}
    listed.write_text("ann,north\nann,south\n")
    assert "Line 2 " in refusal(lambda: naming.groups(listed))
    listed.write_text("ann,north\nbo\n")
    assert "Line 2 " in refusal(lambda: naming.groups(listed))
    listed.write_text("cy,north\n")
    assert "names nobody" in refusal(lambda: naming.groups(listed, {"ann": 0}))
