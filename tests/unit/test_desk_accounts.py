"""`python -m ui agents ...`: accounts are made with a chosen password, and the audit is told and checked."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from assistant.errors import AgentRefused
from assistant.store import Store
from assistant.store.tables import audit
from tests.desk_agents import CHEAP, PASSWORD
from ui.desk.accounts import Console, agents_command
from ui.desk.passwords import check_new_password


class Terminal(io.StringIO):
    """A standard input that somebody sits at."""

    def isatty(self) -> bool:
        return True


def run(data: Path, *arguments: str, given: str = "", typed: Sequence[str] | None = None) -> tuple[int, str, str]:
    """The status, the output and the notes of a command; `typed` are the passwords somebody types."""
    out, notes = io.StringIO(), io.StringIO()
    answers = iter(typed or ())
    given_in = io.StringIO(given) if typed is None else Terminal()
    console = Console(out, notes, given_in, lambda _: next(answers), lambda: CHEAP)
    status = agents_command([*arguments, "--data", str(data)], {}, console)
    return status, out.getvalue(), notes.getvalue()


def test_an_agent_is_added_with_a_password_typed_twice(tmp_path: Path) -> None:
    status, out, _ = run(tmp_path, "add", "Ann Lee", "--role", "lead", typed=[PASSWORD, PASSWORD])
    assert status == 0
    assert "ann.lee" in out
    store = Store.open(tmp_path)
    found = store.agent_and_password("ann.lee")
    store.close()
    assert found is not None
    assert (found[0].name, found[0].role) == ("Ann Lee", "lead")
    assert found[1].startswith("$argon2id$")
    assert CHEAP.fits(PASSWORD, found[1])
    assert not CHEAP.fits(PASSWORD + "!", found[1])


@pytest.mark.parametrize(
    ("arguments", "typed", "given", "why"),
    [
        (["add", "Ann"], [PASSWORD, PASSWORD + "?"], "", "differ"),
        (["add", "Ann"], ["short", "short"], "", "5 characters"),
        (["add", "Ann"], None, PASSWORD + "\n", "--password-stdin"),
        (["add", "Ann", "--password-stdin"], None, "", "0 characters"),
        (["add", "Ann", "--login", "a b", "--password-stdin"], None, PASSWORD, "spaces"),
        (["disable", "bob"], None, "", "there are: none yet"),
        (["password", "bob"], None, "", "no agent with the login 'bob'"),
    ],
)
def test_what_cannot_be_done_is_told_with_what_to_do(
    tmp_path: Path, arguments: list[str], typed: list[str] | None, given: str, why: str
) -> None:
    status, out, notes = run(tmp_path, *arguments, typed=typed, given=given)
    assert (status, out) == (2, "")
    assert notes.startswith("error: ")
    assert why in notes
    assert PASSWORD not in notes
    assert run(tmp_path, "list")[1] == ""


def test_accounts_are_listed_changed_and_written_down(tmp_path: Path) -> None:
    for name in ("Ann", "王芳"):
        assert run(tmp_path, "add", name, "--password-stdin", given=PASSWORD + "\n")[0] == 0
    assert run(tmp_path, "add", "ANN", "--password-stdin", given=PASSWORD)[0] == 2
    assert run(tmp_path, "role", "王芳", "merchant")[0] == 0
    assert run(tmp_path, "disable", "Ann")[0] == 0
    assert run(tmp_path, "password", "王芳", "--password-stdin", given="eight green bicycles")[0] == 0
    listed = run(tmp_path, "list")[1].splitlines()
    assert [line.split()[:3] for line in listed] == [["ann", "agent", "disabled"], ["王芳", "merchant", "enabled"]]
    assert run(tmp_path, "enable", "ann")[0] == 0
    told = [json.loads(line) for line in run(tmp_path, "audit")[1].splitlines()]
    assert [row["action"] for row in told] == [
        "agent.added", "agent.added", "agent.role", "agent.disabled", "agent.password", "agent.enabled",
    ]  # fmt: skip
    assert "bicycles" not in json.dumps(told)
    assert told[0]["at"].count("T") == 1


def test_the_audit_is_checked_against_what_was_noted_down(tmp_path: Path) -> None:
    run(tmp_path, "add", "Ann", "--password-stdin", given=PASSWORD)
    status, out, _ = run(tmp_path, "audit", "--verify")
    assert status == 0
    noted = out.rsplit(" ", 1)[1].strip()
    assert run(tmp_path, "audit", "--verify", "--noted", noted)[0] == 0
    store = Store.open(tmp_path)
    with store.database.writing() as connection:
        connection.execute(audit.update().values(agent_id="agt_other"))
    store.close()
    status, out, _ = run(tmp_path, "audit", "--verify")
    assert status == 1
    assert "row 1" in out
    with pytest.raises(SystemExit):
        run(tmp_path, "audit", "--verify", "--noted", "yesterday")


@pytest.mark.parametrize(
    "password",
    ["", "short", "a" * 12, "ababababababab", "Ann.Lee.Ann.Lee", "annleeannlee1", "password1234", "123456789012",
     "Passwort-Ann-1", "x" * 300, "qwertyuiop12"],
)  # fmt: skip
def test_passwords_that_would_be_guessed_are_refused(password: str) -> None:
    with pytest.raises(AgentRefused):
        check_new_password(password, ("Ann Lee", "ann.lee"))


@pytest.mark.parametrize("password", [PASSWORD, "我家门前有两棵枣树和一口老井", "xK9#mQ2$vL7!", "annapurna is 8091 m"])
def test_other_passwords_are_taken(password: str) -> None:
    check_new_password(password, ("Ann Lee", "ann.lee"))


def test_a_password_is_the_same_whichever_keyboard_makes_it() -> None:
    assert CHEAP.fits("cafe\u0301 sept bicycle", CHEAP.hashed("caf\u00e9 sept bicycle"))
