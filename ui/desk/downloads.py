"""What leads take along: figures as CSV, the audit and what agents decided as JSON lines.

In: a lead and a stretch of time. Out: files. Each download is written down in the audit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse

from assistant.desk.exporting_decisions import decision_lines
from assistant.desk.insights import gather_insights, insights_csv
from assistant.store import Store
from ui.api.problems import Problem
from ui.desk.routes import ALead, Shared
from ui.desk.wire import as_json

_DAYS: Final = 30  # up to today, where no days are named


def download_routes(shared: Shared) -> APIRouter:
    """All of them."""
    router = APIRouter(prefix="/api")
    store, ask = shared.store, shared.sessions.ask

    @router.get("/insights.csv")
    async def insights(lead: ALead, since: date | None = None, until: date | None = None) -> Response:
        """Figures by day, intent and model."""
        zone = ZoneInfo(shared.service.shop.desk.timezone)
        until = until or datetime.now(UTC).astimezone(zone).date()
        since = since or until - timedelta(days=_DAYS - 1)
        try:
            found = await ask(gather_insights, store, since, until, zone)
        except ValueError as error:
            raise Problem(422, "invalid", f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
        await ask(store.record, "insights.downloaded", f"{since} {until}", lead.id)
        return Response(
            "\ufeff" + insights_csv(found), headers=_as_file(f"desk-{since}-{until}.csv"), media_type="text/csv"
        )

    @router.get("/audit.jsonl")
    async def audit(lead: ALead) -> Response:
        """All that was done, the oldest first."""
        await ask(store.record, "audit.downloaded", "audit", lead.id)
        return StreamingResponse(_audit_lines(store), headers=_as_file("audit.jsonl"), media_type="application/jsonl")

    @router.get("/decisions.jsonl")
    async def decisions(lead: ALead, since: date | None = None) -> Response:
        """Replies that agents sent, as examples for fine-tuning, personal data replaced."""
        start = None if since is None else datetime.combine(since, time(), ZoneInfo(shared.service.shop.desk.timezone))
        await ask(store.record, "decisions.downloaded", "decisions", lead.id)
        lines, headers = decision_lines(store, start), _as_file("decisions.jsonl")
        return StreamingResponse(lines, headers=headers, media_type="application/jsonl")

    return router


def _audit_lines(store: Store) -> Iterator[str]:
    for row in store.whole_audit():
        yield json.dumps(as_json(row), ensure_ascii=False) + "\n"


def _as_file(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"'}
