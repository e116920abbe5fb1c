"""`python -m ui agents ...`: who may work at the desk, and what was done there.

In: the command's arguments, the settings, and a console. Out: lines on the console and an exit status. There is no
account before one is added here, and none has a password that was not chosen for it.
"""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TextIO

from assistant.config import Settings
from assistant.errors import AgentRefused, AssistantError, UnknownAgent
from assistant.store import ROLES, Agent, AuditHead, Store
from ui.desk.passwords import Passwords, check_new_password
from ui.desk.wire import as_json


@dataclass(frozen=True, slots=True)
class Console:
    """Where results and notes go, where a password comes from (typed unseen, or a line of `given`), what hashes it."""

    out: TextIO
    notes: TextIO
    given: TextIO
    typed: Callable[[str], str]
    passwords: Callable[[], Passwords] = Passwords


def agents_command(arguments: Sequence[str], environment: Mapping[str, str], console: Console | None = None) -> int:
    """0: done, 1: the audit does not hold, 2: it could not be done."""
    console = console or Console(sys.stdout, sys.stderr, sys.stdin, getpass.getpass)
    options = _parser().parse_args(arguments)
    try:
        settings = Settings.from_environment(environment, data=options.data)
        store = Store.open(settings.data, settings.database_url)
        try:
            status: int = options.run(options, store, console)
        finally:
            store.close()
    except AssistantError as error:
        console.notes.write(f"error: {error}\n")
        return 2
    return status


def _parser() -> argparse.ArgumentParser:
    data_help = next(field.metadata["help"] for field in fields(Settings) if field.name == "data")
    parser = argparse.ArgumentParser(prog="python -m ui agents", description="Who may work at the desk.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    add = commands.add_parser("add", help="a new account; asks for its password")
    add.add_argument("name", help="the name that shoppers see")
    add.add_argument("--role", choices=ROLES, default=ROLES[0], help="each may what those before it may")
    add.add_argument("--login", help="what is typed to log in; left out: the name in small letters, with dots")
    listed = commands.add_parser("list", help="all accounts")
    password = commands.add_parser("password", help="another password; every session of the account ends")
    for command in (add, password):
        command.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    disabled = commands.add_parser("disable", help="let an account in no more; every session of it ends")
    enabled = commands.add_parser("enable", help="let an account in again")
    role = commands.add_parser("role", help="another role")
    for command in (password, disabled, enabled, role):
        command.add_argument("login")
    role.add_argument("role", choices=ROLES)
    audit = commands.add_parser("audit", help="what was done at the desk, as JSON lines, the oldest first")
    audit.add_argument("--verify", action="store_true", help="say whether the chain holds instead; 1 where it does not")
    audit.add_argument("--noted", type=_noted, metavar="N:HASH", help="with --verify: a head it told before")

    runs = {add: _add, listed: _list, password: _password, disabled: _disable, enabled: _enable, role: _role}
    for command, run in {**runs, audit: _audit}.items():
        command.add_argument("--data", type=Path, metavar="DIR", help=data_help)
        command.set_defaults(run=run)
    return parser


def _add(options: argparse.Namespace, store: Store, console: Console) -> int:
    login = options.login if options.login is not None else ".".join(options.name.split())
    if store.agent_by_login(login) is not None:
        raise AgentRefused(f"there is an agent with the login {login.casefold()!r} already: give another --login")
    password = _new_password(options, console, (options.name, login))
    agent = store.add_agent(login, options.name, options.role, console.passwords().hashed(password))
    console.out.write(f"added {agent.name} ({agent.role}): logs in as {agent.login} at /desk\n")
    return 0


def _list(_: argparse.Namespace, store: Store, console: Console) -> int:
    for agent in store.agents():
        state = "disabled" if agent.disabled else "enabled"
        console.out.write(f"{agent.login:<24} {agent.role:<9} {state:<9} {agent.id}  {agent.name}\n")
    return 0


def _password(options: argparse.Namespace, store: Store, console: Console) -> int:
    agent = _named(store, options.login)
    password = _new_password(options, console, (agent.name, agent.login))
    store.set_password(agent.id, console.passwords().hashed(password))
    console.out.write(f"{agent.login} has a new password; every session has ended\n")
    return 0


def _disable(options: argparse.Namespace, store: Store, console: Console) -> int:
    agent = _named(store, options.login)
    store.disable_agent(agent.id)
    console.out.write(f"{agent.login} is disabled; every session has ended\n")
    return 0


def _enable(options: argparse.Namespace, store: Store, console: Console) -> int:
    agent = _named(store, options.login)
    store.enable_agent(agent.id)
    console.out.write(f"{agent.login} may log in again\n")
    return 0


def _role(options: argparse.Namespace, store: Store, console: Console) -> int:
    agent = _named(store, options.login)
    store.set_role(agent.id, options.role)
    console.out.write(f"{agent.login} is {options.role}\n")
    return 0


def _audit(options: argparse.Namespace, store: Store, console: Console) -> int:
    if not options.verify:
        for row in store.whole_audit():
            console.out.write(json.dumps(as_json(row), ensure_ascii=False) + "\n")
        return 0
    head = store.audit_head()
    fault = store.verify_audit(options.noted)
    if fault is not None:
        console.out.write(f"the audit does not hold, from row {fault.number} on: {fault.what}\n")
        return 1
    console.out.write(
        f"the audit holds: {head.number} rows\n"
        f"note this down elsewhere, and give it next time as --noted: {head.number}:{head.hash}\n"
    )
    return 0


def _named(store: Store, login: str) -> Agent:
    agent = store.agent_by_login(login)
    if agent is None:
        known = ", ".join(agent.login for agent in store.agents()) or "none yet"
        raise UnknownAgent(f"there is no agent with the login {login!r}; there are: {known}")
    return agent


def _new_password(options: argparse.Namespace, console: Console, names: tuple[str, ...]) -> str:
    if options.password_stdin:
        password = console.given.readline().rstrip("\r\n")
        check_new_password(password, names)
        return password
    if not console.given.isatty():
        raise AgentRefused("nobody can be asked for a password here: give it on standard input, --password-stdin")
    password = console.typed("Password: ")
    check_new_password(password, names)
    if console.typed("Once more: ") != password:
        raise AgentRefused("the two passwords differ: try again")
    return password


def _noted(text: str) -> AuditHead:
    number, _, digest = text.partition(":")
    if not number.isdecimal() or len(digest) != 64:
        raise argparse.ArgumentTypeError(f"{text!r} is no head: it is written NUMBER:HASH, as --verify tells it")
    return AuditHead(int(number), digest)
