"""Accounts and sessions of the desk: who is let in, for how long, and how often somebody may try."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from assistant.errors import AgentRefused, StoreError, UnknownAgent
from assistant.store import ROLES, Agent, Store
from assistant.store.agents import LOGIN_LIMIT, LOGIN_WINDOW, SESSION_IDLE, SESSION_LONGEST
from assistant.store.tables import agent_sessions, login_attempts
from tests.clock import Clock

MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(database_url: str, clock: Clock) -> Iterator[Store]:
    opened = Store.at_url(database_url, clock)
    yield opened
    opened.close()


def test_an_agent_is_found_by_login_whatever_its_case_and_form(store: Store) -> None:
    ann = store.add_agent(" Ａnn.Lee ", "Ann  Lee", "lead", "hash")
    assert (ann.login, ann.name, ann.role) == ("ann.lee", "Ann Lee", "lead")
    assert store.agent_by_login("ANN.lee") == ann == store.agent(ann.id)
    assert store.agent_and_password("ann.lee") == (ann, "hash")
    assert store.agent_by_login("bob") is None
    assert store.agent("bob") is None
    assert store.agents() == (ann,)


@pytest.mark.parametrize(
    ("login", "name", "role"),
    [("", "A", "agent"),
     ("a b", "A", "agent"), ("a\u200b", "A", "agent"), ("a" * 65, "A", "agent"), ("a", " ", "agent"),
     ("a", "A\u202eB", "agent"), ("a", "A" * 65, "agent"), ("a", "A", "root")],
)  # fmt: skip
def test_what_cannot_be_an_account_is_refused(store: Store, login: str, name: str, role: str) -> None:
    with pytest.raises(AgentRefused):
        store.add_agent(login, name, role)  # type: ignore[arg-type]
    assert store.agents() == ()
    assert store.audit_head().number == 0


def test_a_login_is_taken_once_by_many_at_once(store: Store) -> None:
    def add(number: int) -> bool:
        try:
            store.add_agent("Ann" if number % 2 else "ann", f"Ann {number}")
        except AgentRefused:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(add, range(12))) == 1
    assert len(store.agents()) == 1
    assert store.verify_audit() is None


def test_each_role_may_what_those_before_it_may() -> None:
    agents = [Agent("1", "a", "A", role) for role in ROLES]
    assert [[agent.may(role) for role in ROLES] for agent in agents] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]
    assert not Agent("1", "a", "A", "merchant", disabled=True).may("agent")


def test_a_session_ends_when_nothing_is_done_for_a_while(store: Store, clock: Clock) -> None:
    ann = store.add_agent("ann", "Ann")
    token = store.open_agent_session(ann.id)
    for _ in range(4):
        clock.now += SESSION_IDLE - MINUTE
        assert store.agent_of_session(token) == ann
    clock.now += SESSION_IDLE
    assert store.agent_of_session(token) is None


def test_a_page_that_merely_listens_keeps_no_session_open(store: Store, clock: Clock) -> None:
    token = store.open_agent_session(store.add_agent("ann", "Ann").id)
    clock.now += SESSION_IDLE - MINUTE
    assert store.agent_of_session(token, is_active=False) is not None
    clock.now += MINUTE
    assert store.agent_of_session(token, is_active=False) is None


def test_a_session_ends_after_a_working_day_whatever_is_done(store: Store, clock: Clock) -> None:
    token = store.open_agent_session(store.add_agent("ann", "Ann").id)
    ends = clock.now + SESSION_LONGEST
    while clock.now < ends - MINUTE:
        clock.now += 10 * MINUTE
        seen = store.agent_of_session(token)
        assert (seen is not None) == (clock.now < ends)
    assert store.agent_of_session(token) is None


def test_logging_out_ends_one_session_alone(store: Store) -> None:
    ann = store.add_agent("ann", "Ann")
    here, there = store.open_agent_session(ann.id), store.open_agent_session(ann.id)
    assert store.close_agent_session(here)
    assert not store.close_agent_session(here)
    assert store.agent_of_session(here) is None
    assert store.agent_of_session(there) == ann


def test_disabling_and_a_new_password_end_every_session(store: Store) -> None:
    ann, bob = store.add_agent("ann", "Ann"), store.add_agent("bob", "Bob")
    tokens = [store.open_agent_session(ann.id) for _ in range(3)]
    bobs = store.open_agent_session(bob.id)
    store.set_password(ann.id, "other")
    assert [store.agent_of_session(token) for token in tokens] == [None] * 3
    token = store.open_agent_session(ann.id)
    store.disable_agent(ann.id)
    assert store.agent_of_session(token) is None
    assert store.agent_of_session(bobs) == bob
    with pytest.raises(UnknownAgent):
        store.open_agent_session(ann.id)
    store.enable_agent(ann.id)
    assert store.agent_of_session(token) is None
    assert store.agent_of_session(store.open_agent_session(ann.id)) == ann


def test_a_password_that_was_changed_meanwhile_opens_no_session(store: Store) -> None:
    ann = store.add_agent("ann", "Ann", password_hash="old")
    assert store.agent_of_session(store.open_agent_session(ann.id, "old")) == ann
    store.set_password(ann.id, "new")
    with pytest.raises(UnknownAgent):
        store.open_agent_session(ann.id, "old")
    assert not store.renew_password_hash(ann.id, "old", "old, hashed anew")
    assert store.agent_and_password("ann") == (ann, "new")
    assert store.renew_password_hash(ann.id, "new", "new, hashed anew")


def test_another_role_holds_at_once(store: Store) -> None:
    ann = store.add_agent("ann", "Ann")
    token = store.open_agent_session(ann.id)
    store.set_role(ann.id, "lead", by="agt_boss")
    seen = store.agent_of_session(token)
    assert seen is not None
    assert seen.may("lead")
    assert [(row.action, row.agent_id, row.data) for row in store.audit_rows(limit=1)] == [
        ("agent.role", "agt_boss", {"role": "lead"})
    ]


def test_the_desk_is_closed_while_nobody_may_log_in(store: Store) -> None:
    assert not store.has_agents()
    ann = store.add_agent("ann", "Ann")
    assert store.has_agents()
    store.disable_agent(ann.id)
    assert not store.has_agents()


def test_what_the_database_holds_opens_no_session(store: Store) -> None:
    token = store.open_agent_session(store.add_agent("ann", "Ann").id)
    with store.database.engine.begin() as connection:
        kept = connection.execute(sa.select(agent_sessions)).one()
    assert token not in repr(kept)
    assert store.agent_of_session(kept.token_hash) is None
    assert store.agent_of_session("") is None
    assert store.agent_of_session("\ud800") is None


def test_sessions_and_tries_that_are_over_are_dropped(store: Store, clock: Clock) -> None:
    store.open_agent_session(store.add_agent("ann", "Ann").id)
    store.begin_login(["login ann", "address 127.0.0.1"])
    clock.now += SESSION_LONGEST + MINUTE
    store.drop_expired()
    with store.database.engine.begin() as connection:
        assert connection.execute(sa.select(agent_sessions)).all() == []
        assert connection.execute(sa.select(login_attempts)).all() == []


def test_unknown_agents_cannot_be_changed(store: Store) -> None:
    for change in (store.disable_agent, store.enable_agent):
        with pytest.raises(UnknownAgent):
            change("agt_nobody")
    with pytest.raises(StoreError):
        store.set_password("agt_nobody", "hash")
    assert store.audit_head().number == 0


def test_tries_are_limited_by_login_and_by_address(store: Store, clock: Clock) -> None:
    for n in range(LOGIN_LIMIT):
        assert store.begin_login(["login ann", f"address {n}"]) is not None
    assert store.begin_login(["login ann", "address new"]) is None
    assert store.begin_login(["login bob", "address new"]) is not None  # what was refused is not counted
    for n in range(LOGIN_LIMIT):
        assert store.begin_login([f"login {n}", "address bad"]) is not None
    assert store.begin_login(["login bob", "address bad"]) is None
    clock.now += LOGIN_WINDOW
    assert store.begin_login(["login ann", "address bad"]) is not None


def test_a_right_password_does_not_forgive_the_wrong_ones(store: Store) -> None:
    for _ in range(LOGIN_LIMIT - 1):
        store.begin_login(["login ann"])
    for _ in range(20):
        ticket = store.begin_login(["login ann"])
        assert ticket is not None
        store.forgive_login(ticket)
    assert store.begin_login(["login ann"]) is not None
    assert store.begin_login(["login ann"]) is None


def test_tries_side_by_side_at_two_workers_are_all_counted(store: Store, database_url: str, clock: Clock) -> None:
    other = Store.at_url(database_url, clock)
    with ThreadPoolExecutor(8) as threads:
        begun = threads.map(lambda n: (store, other)[n % 2].begin_login(["login ann", f"address {n}"]), range(40))
        assert sum(ticket is not None for ticket in begun) == LOGIN_LIMIT
    other.close()
