"""The contract's commands and exit codes, as a user meets them."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.persona import demo_persona
from harness.persona.forms import forms_of

Run = Callable[..., subprocess.CompletedProcess[str]]

LISTS = ("profiles", "sdks", "checks", "formats", "pii", "doctor")


@pytest.fixture
def leftovers(run: Run, tmp_path: Path) -> Path:
    """What the simulated SDK that does everything wrong leaves behind."""
    done = run("simulate", "--sdk", "forgetful", "--mode", "plain", "--into", "leftovers")
    assert done.returncode == 0, done.stderr
    return tmp_path / "leftovers"


def test_a_scan_of_known_bad_storage_fails_and_leaks_nothing(run: Run, leftovers: Path, tmp_path: Path) -> None:
    """Exit 1, places found, and none of the seeded values in any output, in any form that has no layers."""
    persona = tmp_path / "leftovers.persona.toml"
    done = run("scan", leftovers, "--persona", persona, "--out", "out", "--format", "html,json,markdown,sarif,junit")

    assert done.returncode == 1, done.stderr
    texts = [done.stdout, done.stderr, *(path.read_text() for path in (tmp_path / "out").iterdir())]
    seeded = [form.literal.decode() for form in forms_of(demo_persona().items()) if form.bounded]
    leaked = [value for value in seeded if len(value) > 5 for text in texts if value.lower() in text.lower()]
    assert leaked == []
    findings = json.loads((tmp_path / "out" / "result.json").read_text())["findings"]
    assert {finding["type"] for finding in findings} >= {"EMAIL", "PHONE", "NAME"}


def test_the_same_input_gives_the_same_bytes(run: Run, leftovers: Path) -> None:
    """All that differs is in one object, `run`."""
    results = [json.loads(run("scan", leftovers, "--json").stdout) for _ in range(2)]
    for result in results:
        del result["run"]

    assert json.dumps(results[0]) == json.dumps(results[1])


def test_json_goes_to_stdout_and_nothing_else_does(run: Run, leftovers: Path, tmp_path: Path) -> None:
    """And no folder of reports is made unasked."""
    done = run("scan", leftovers, "--json")

    assert json.loads(done.stdout)["schema"]
    assert not (tmp_path / "reports").exists()


def test_an_empty_source_is_inconclusive(run: Run, tmp_path: Path) -> None:
    """Nothing seen is not nothing wrong."""
    (tmp_path / "empty").mkdir()

    assert run("scan", "empty", "--json").returncode == 2


def test_clean_storage_passes(run: Run, tmp_path: Path) -> None:
    """A folder whose every file is decoded and holds nothing personal."""
    (tmp_path / "clean").mkdir()
    (tmp_path / "clean" / "settings.json").write_text('{"theme": "dark", "volume": 7}')
    done = run("scan", "clean")

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("scan", "nowhere"), 3, "nowhere"),
        (("scan", "adb:127.0.0.1:1"), 4, "no device answers"),
        (("scan", "emulated:ios-17-simulator"), 4, "cannot be emulated"),
        (("emulate", "nokia-3310"), 3, "nokia-3310"),
        (("scan",), 3, "SOURCE"),
        (("scan", ".", "--format", "papyrus"), 3, "papyrus"),
        (("scan", ".", "--profile", "nokia-3310"), 3, "nokia-3310"),
        (("scan", ".", "--sdk", "nobody"), 3, "nobody"),
        (("scan", ".", "--persona", "missing.toml"), 3, "missing.toml"),
        (("simulate", "--sdk", "careful", "--mode", "plain", "--into", "x"), 3, "masked"),
        (("simulate", "--sdk", "nobody", "--into", "x"), 3, "forgetful"),
        (("report", "missing.json"), 3, "missing.json"),
        (("frobnicate",), 3, "frobnicate"),
        (("scan", ".", "--frobnicate"), 3, "--frobnicate"),
    ],
)
def test_a_wrong_call_gets_one_line_and_the_contracts_exit_code(
    run: Run, arguments: tuple[str, ...], code: int, says: str
) -> None:
    """It says what is wrong, and there is no traceback."""
    done = run(*arguments)

    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_damaged_file_costs_a_line_and_the_pass_and_is_searched_all_the_same(run: Run, tmp_path: Path) -> None:
    """A preferences file that was cut off."""
    (tmp_path / "app").mkdir()
    text = (
        "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<map>\n    <string name=\"a\">x</string>\n    <str"
    )
    (tmp_path / "app" / "cut.xml").write_text(text)
    clean = run("scan", "app", "--json")
    (tmp_path / "app" / "cut.xml").write_text(text + "jane.roe@example.org")
    found = run("scan", "app", "--json")

    assert clean.returncode == 2
    assert json.loads(clean.stdout)["coverage"]["totals"]["failed"] > 0
    assert found.returncode == 1
    assert [each["type"] for each in json.loads(found.stdout)["findings"]] == ["EMAIL"]


def test_values_are_masked_unless_the_user_says_where_to(run: Run, leftovers: Path, tmp_path: Path) -> None:
    """`--reveal` writes a new file that only the user can read."""
    persona = tmp_path / "leftovers.persona.toml"
    masked = run("values", leftovers, "--persona", persona)
    shown = run("values", leftovers, "--persona", persona, "--reveal", "clear.jsonl")
    email = demo_persona().email
    assert email is not None

    assert masked.returncode == shown.returncode == 0
    assert email not in masked.stdout
    assert email in (tmp_path / "clear.jsonl").read_text()
    assert (tmp_path / "clear.jsonl").stat().st_mode & 0o077 == 0
    for line in masked.stdout.splitlines():
        assert {"path", "format", "locator", "key", "type", "value", "state", "layers"} <= json.loads(line).keys()


def test_detect_reads_text_and_json_lines(run: Run) -> None:
    """Offsets count characters, and a key decides what a bare number is."""
    lines = ["mail jäne.roe@example.org now", json.dumps({"id": "a", "text": "219-09-9999", "key": "ssn"}), "nothing"]
    done = run("detect", stdin="\n".join(lines) + "\n")
    first, second, third = (json.loads(line) for line in done.stdout.splitlines())

    span = first["detections"][0]
    assert lines[0][span["start"] : span["end"]] == "jäne.roe@example.org"
    assert second["id"] == "a"
    assert [each["type"] for each in second["detections"]] == ["SSN"]
    assert third["detections"] == []


def test_a_hostile_line_costs_no_other(run: Run) -> None:
    """Nested deeper than any parser goes, or with an id that JSON cannot say."""
    lines = ['{"text":' + "[" * 100_000, '{"id": NaN, "text": "x"}', "jane.roe@example.org"]
    done = run("detect", stdin="\n".join(lines) + "\n")
    answers = [
        json.loads(line, parse_constant=lambda _: pytest.fail("not JSON")) for line in done.stdout.splitlines()
    ]

    assert done.returncode == 0, done.stderr
    assert len(answers) == 3
    assert answers[2]["detections"]


def test_a_snapshot_is_a_source_and_a_changed_one_is_refused(run: Run, leftovers: Path, tmp_path: Path) -> None:
    """What was acquired is what is scanned."""
    assert run("acquire", leftovers, "--out", "snap").returncode == 0
    direct, kept = (json.loads(run("scan", source, "--json").stdout) for source in (leftovers, "snap"))
    assert [each["where"] for each in direct["findings"]] == [each["where"] for each in kept["findings"]]

    victim = max((tmp_path / "snap" / "objects").rglob("*"), key=lambda path: path.is_file() and path.stat().st_size)
    victim.chmod(0o600)
    victim.write_bytes(victim.read_bytes()[:-1])
    refused = run("scan", "snap", "--json")
    assert refused.returncode == 3
    assert "Traceback" not in refused.stderr


def test_diff_tells_what_changed(run: Run, leftovers: Path, tmp_path: Path) -> None:
    """Files, values and findings, without showing a value."""
    done = run("diff", leftovers, leftovers)
    assert done.stdout.strip() == "No difference."

    run("simulate", "--sdk", "careful", "--mode", "encrypted", "--into", "careful")
    changed = run("diff", leftovers, "careful", "--json")
    document = json.loads(changed.stdout)
    assert changed.returncode == 0
    assert document["findings"]["fixed"]
    assert document["files"]["added"]


def test_a_result_renders_again(run: Run, leftovers: Path, tmp_path: Path) -> None:
    """Without scanning, to every form."""
    run("scan", leftovers, "--out", "out", "-q")
    for form in ("terminal", "markdown", "html", "json", "sarif", "junit"):
        done = run("report", "out/result.json", "--format", form)
        assert done.returncode == 0, done.stderr
        assert len(done.stdout) > 200


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_tables_and_json(run: Run, name: str) -> None:
    """For people and for scripts."""
    assert run(name).returncode == 0
    assert json.loads(run(name, "--json").stdout)


def test_help_has_examples(run: Run) -> None:
    """For the commands that people come for."""
    for name in ("scan", "values", "detect", "acquire", "diff", "simulate", "report"):
        done = run(name, "--help")
        assert done.returncode == 0
        assert "Examples:" in done.stdout


def test_the_readme_shows_the_real_help(run: Run, project_root: Path) -> None:
    """Rewrite the block between the marks after changing the command line."""
    readme = (project_root / "README.md").read_text()
    found = re.search(r"<!-- help: begin -->\n```text\n(.*?)```\n<!-- help: end -->", readme, re.DOTALL)
    assert found is not None

    assert found[1] == run("--help").stdout


def test_the_bare_command_is_its_help(run: Run) -> None:
    """No complaint: who types it asks what there is."""
    bare = run()

    assert (bare.returncode, bare.stderr) == (0, "")
    assert bare.stdout == run("--help").stdout


def test_debug_may_stand_anywhere_and_changes_no_exit_code(run: Run) -> None:
    """One adds it to the command that has just failed."""
    for arguments in (("--debug", "scan", "nowhere"), ("scan", "nowhere", "--debug")):
        done = run(*arguments)
        assert done.returncode == 3
        assert "Traceback" in done.stderr
        assert done.stderr.splitlines()[-2] == "storage-harness: nowhere does not exist"
    assert "No such command" in run("--", "--debug").stderr


def test_simulate_says_the_whole_next_command(run: Run, tmp_path: Path) -> None:
    """In the SDK's first mode where none was named; the command does what it says."""
    done = run("simulate", "--sdk", "careful", "--into", "left overs")
    assert done.returncode == 0, done.stderr
    _, _, following = done.stdout.splitlines()[-1].partition("storage-harness ")
    scan = run(*shlex.split(following), "--json")

    assert "--mode masked" in following
    assert "--profile android-14-rooted" in following
    result = json.loads(scan.stdout)
    assert (result["device"]["profile"], result["persona"]) == ("android-14-rooted", True)
    assert result["scenario"] == {"mode": "masked", "sdk": "careful"}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("columns", ["60", "80", "140"])
def test_no_name_in_a_list_is_torn_apart(run: Run, name: str, columns: str) -> None:
    """One copies it into the next command; columns that find no room are named instead."""
    done = run(name, COLUMNS=columns)
    lines = done.stdout.splitlines()

    assert max(map(len, lines)) <= int(columns)
    for row in json.loads(run(name, "--json").stdout):
        first = next(iter(row.values()))
        assert any(f" {first} " in f"{line} " for line in lines), first
    left = "Not shown, for want of room" in done.stdout
    assert left or not re.search(r"[a-z]\n +[a-z]+ +\n", done.stdout[:200])


def test_a_piped_list_is_wide(run: Run) -> None:
    """What reads it breaks no lines."""
    assert "/private/var/mobile/Containers/Data/Application" in run("profiles", COLUMNS=None).stdout


def test_a_custom_field_is_a_row_of_its_name(run: Run, tmp_path: Path) -> None:
    """Two of them are two classes of personal data."""
    (tmp_path / "p.toml").write_text('[custom]\nloyalty_number = "LOY-0099-1234"\nbadge = "B-771-20"\n')
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "a.json").write_text('{"a": "LOY-0099-1234", "b": "B-771-20"}')

    assert list(json.loads(run("scan", "app", "--persona", "p.toml", "--json").stdout)["exposure"]) == [
        "BADGE",
        "LOYALTY_NUMBER",
    ]


def test_diff_counts_first_and_tells_alike_places_together(run: Run, tmp_path: Path) -> None:
    """A thousand rows are a line, and a name with a direction mark in it is escaped as everywhere else."""
    for name, rows in (("before", 2), ("after", 1000)):
        (tmp_path / name).mkdir()
        people = [{"mail": f"user{row:04}@example.com"} for row in range(rows)]
        (tmp_path / name / "a.json").write_text(json.dumps(people))
    (tmp_path / "after" / "x\u202etxt.json").write_text("{}")

    head, *lines = run("diff", "before", "after").stdout.splitlines()

    assert head.startswith("files: 1 added, 1 changed; values: 998 added; findings: 998 new, 2 known")
    assert "+ value   a.json#/*/mail  (998 values)" in lines
    assert "+ finding plaintext EMAIL a.json#/*/mail  (998 findings)" in lines
    assert "+ file    x\\u202etxt.json" in lines


def test_a_file_that_is_missing_is_named_as_it_was_typed(run: Run, tmp_path: Path) -> None:
    """With its folders: the mistake may be in them."""
    (tmp_path / "app").mkdir()

    assert "there/nosuch.toml" in run("scan", "app", "--persona", "there/nosuch.toml").stderr
    assert "there/nosuch.key" in run("scan", "app", "--key-file", "there/nosuch.key").stderr


def test_the_shell_completes_files(project_root: Path) -> None:
    """Wherever a source is asked for."""
    command = Path(sys.executable).parent / "storage-harness"
    for words in ("scan re", "values re", "acquire re", "diff a re"):
        environment = {
            **os.environ,
            "_STORAGE_HARNESS_COMPLETE": "bash_complete",
            "COMP_WORDS": f"storage-harness {words}",
            "COMP_CWORD": str(len(words.split())),
        }
        done = subprocess.run(
            [command], check=False, capture_output=True, text=True, env=environment, cwd=project_root
        )

        assert done.stdout.strip() == "file,re"


def test_the_shell_completes_names(project_root: Path) -> None:
    """Of devices, SDKs and forms of report, also behind a comma."""
    command = Path(sys.executable).parent / "storage-harness"
    for words, expected in (
        ("storage-harness scan --profile ios-16", "ios-16-jailbroken"),
        ("storage-harness simulate --sdk for", "forgetful"),
        ("storage-harness scan --format html,sa", "html,sarif"),
    ):
        environment = {
            **os.environ,
            "_STORAGE_HARNESS_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - 1),
        }
        done = subprocess.run(
            [command], check=False, capture_output=True, text=True, env=environment, cwd=project_root
        )

        assert f"plain,{expected}" in done.stdout.splitlines()


def test_the_version_is_the_packages(run: Run) -> None:
    """One place says it."""
    from harness import __version__

    assert run("--version").stdout.strip() == f"storage-harness {__version__}"


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_reader_that_goes_takes_no_verdict_with_it(
    leftovers: Path, project_root: Path, tmp_path: Path, form: tuple[str, ...]
) -> None:
    """`scan … | head -1` exits as `scan …` does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "scan", leftovers, *form],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    )
    assert process.stdout is not None
    process.stdout.close()
    _, complaint = process.communicate(timeout=60)

    assert process.returncode == 1, complaint


def test_a_persona_file_is_never_overwritten(run: Run, tmp_path: Path) -> None:
    """Somebody wrote it."""
    (tmp_path / "x.persona.toml").write_text("precious")
    done = run("simulate", "--sdk", "careful", "--into", "x")

    assert done.returncode == 3
    assert (tmp_path / "x.persona.toml").read_text() == "precious"


def test_what_is_written_is_for_the_user_alone(run: Run, leftovers: Path, tmp_path: Path) -> None:
    """Reports are veiled, and still nobody else's business."""
    run("scan", leftovers, "--out", "out")

    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "out").rglob("*"))


def test_a_file_is_explained(run: Run, own_corpus: Path) -> None:
    """In a source or by itself, as tables or JSON: the same claims, bytes that add up."""
    database = next(path for path in sorted((own_corpus / "sqlite-residue").rglob("*.db")))
    inside = run("values", database.parent, "--why", database.name, "--json")
    alone = run("values", "--why", database, "--json")
    table = run("values", "--why", database)

    (told,) = json.loads(inside.stdout)
    (same,) = json.loads(alone.stdout)
    assert told["parts"] == same["parts"]
    assert told["claims"][0]["format"] == told["format"] == "sqlite"
    for part in told["parts"]:
        assert sum(share["bytes"] for share in part["shares"].values()) == part["size"]
    assert "SQLite" in table.stdout
    assert (inside.returncode, table.returncode) == (0, 0)
    assert run("values", database.parent, "--why", "no such file").returncode == 3
    assert run("values").returncode == 3
