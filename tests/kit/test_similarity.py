"""kit.py similarity: copies are found under other names, what was given counts for nobody."""

import importlib.util
from pathlib import Path

import pytest

from tests.kit.commands.similarity import main, report
from tests.kit.handing_out import write_stage
from tests.kit.similarity import Pair, given_code, own_code, page
from tests.kit.starters import reference_copy, starter

STAGE = "stage2_protocol"
HAS_COPYDETECT = importlib.util.find_spec("copydetect") is not None


def test_only_what_students_write_in_is_compared(tmp_path: Path) -> None:
    write_stage(tmp_path, STAGE, starter(STAGE))
    assert own_code(STAGE, tmp_path).strip() == given_code(STAGE).strip()
    (tmp_path / STAGE / "helpers.py").write_text("MINE = 1\n", "utf-8")
    (tmp_path / STAGE / "status.py").write_text("GIVEN = 1\n", "utf-8")
    assert "MINE = 1" in own_code(STAGE, tmp_path)
    assert "GIVEN = 1" not in own_code(STAGE, tmp_path)


def test_the_page_shows_the_passages_and_is_safe() -> None:
    codes = {"<Ann>": "x = '<b>'\ny = 2\n", "Ben": "x = 1\n"}
    text = page([Pair("<Ann>", "Ben", 0.9, 0.5, [[0, 9]], [[0, 5]])], codes)
    assert "&lt;Ann&gt; (90%)" in text and "<pre>x = &#x27;&lt;b&gt;&#x27;</pre>" in text
    assert "<script" not in text and "<Ann>" not in text and "y = 2" not in text


def test_a_long_list_says_what_would_shorten_it() -> None:
    pairs = [Pair("a", "b", part, part, [], []) for part in [0.9] * 100 + [0.705] * 3]
    assert "… and 3 more; --least 71 shows fewer" in report(pairs, pairs, 60)
    same = [Pair("a", "b", 1, 1, [], [])] * 101
    assert "… and 1 more" in report(same, same, 60)


@pytest.mark.skipif(not HAS_COPYDETECT, reason="copydetect is not here: kit.py similarity gets it")
def test_a_copy_under_other_names_stands_out_and_starters_share_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, given = reference_copy(STAGE), starter(STAGE)
    frames = Path(STAGE, "frames.py")
    renamed = whole[frames].replace(b"payload", b"inhalt").replace(b"    ", b"  ")
    assert renamed != whole[frames]
    class_ = {
        "Ann": given | {frames: whole[frames]},
        "Ben (late)": given | {frames: renamed + b"\n# mine, really\n"},
        "Cem": given | {Path(STAGE, "messages.py"): whole[Path(STAGE, "messages.py")]},
        "Dora": given,
    }
    for name, files in class_.items():
        write_stage(tmp_path / "all" / name, STAGE, files)
    (tmp_path / "all" / "empty").mkdir()
    out = tmp_path / "out.html"
    assert main(["stage2", str(tmp_path / "all"), "--least", "50", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "left out: empty" in said
    assert "1 of 6 pairs share 50 % or more; the median is 0%" in said
    assert "Ann (" in said.splitlines()[1] and "Ben (late) (" in said.splitlines()[1]
    assert "inhalt" in out.read_text("utf-8")


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["stage9", "."], "there is no stage 'stage9'"),
        (["stage2", "nowhere"], "there is no folder or archive nowhere"),
        (["stage2", "one"], "0 of 1 submissions can be compared, not two"),
    ],
)
def test_each_mistake_gets_a_sentence(
    argv: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one" / "Ann").mkdir(parents=True)
    assert main(argv) == 2
    assert sentence in capsys.readouterr().out
