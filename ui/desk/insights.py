"""The leads' page of figures, as HTML with drawings in SVG.

In: an `Insights`. Out: cards with the figures, columns by the day, bars by reason, intent and model, and each drawing's
figures as a table for whoever cannot see it. It counts nothing and asks no store. Looks: `ui/desk/assets/insights.css`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from typing import Final

from assistant.desk.insights import Day, DraftRecord, Insights
from assistant.types import Language
from ui.desk.elements import reason
from ui.desk.wording import Words

_LABEL: Final = 72  # what a label under a column needs, on a phone
_MOST_COLUMNS: Final = 62  # more days than these are drawn as weeks
_WIDTH, _HEIGHT, _HEAD, _FOOT, _SIDE = 720, 190, 18, 26, 58

_WORDS: Final[dict[str, dict[Language, str]]] = {
    "conversations": {"en": "Conversations", "zh": "会话"},
    "alone": {"en": "Answered without a person", "zh": "无需人工"},
    "first": {"en": "First response by a person", "zh": "人工首次响应"},
    "resolution": {"en": "Until resolved", "zh": "解决用时"},
    "accepted": {"en": "Drafts sent as they were", "zh": "草稿直接发送"},
    "thumbs": {"en": "Thumbs up", "zh": "好评"},
    "unanswered": {"en": "Questions without an answer", "zh": "未能回答的问题"},
    "open": {"en": "{n} still waiting or open", "zh": "还有 {n} 个未结束"},
    "of": {"en": "{n} of {all}", "zh": "{n} / {all}"},
    "p90": {"en": "nine of ten within {time}", "zh": "九成在 {time} 内"},
    "days": {"en": "Day by day", "zh": "每日"},
    "weeks": {"en": "Week by week", "zh": "每周"},
    "questions": {"en": "Questions", "zh": "提问"},
    "handoffs": {"en": "Handed to a person", "zh": "转人工"},
    "agent_messages": {"en": "Replies by people", "zh": "人工回复"},
    "reasons": {"en": "Why a person was needed", "zh": "转人工的原因"},
    "drafts": {"en": "What became of drafts", "zh": "草稿的去向"},
    "accept": {"en": "sent as it was", "zh": "直接发送"},
    "edit": {"en": "edited", "zh": "修改后发送"},
    "reject": {"en": "rejected", "zh": "弃用"},
    "edited_by": {"en": "characters changed", "zh": "平均修改字数"},
    "decided_in": {"en": "time to decide", "zh": "平均决定用时"},
    "written": {"en": "{n} more replies were written without a draft.", "zh": "另有 {n} 条回复未用草稿。"},
    "answers": {"en": "What the assistant answered", "zh": "助手的回答"},
    "intent": {"en": "About", "zh": "类型"},
    "model": {"en": "Worded by", "zh": "撰写"},
    "n": {"en": "Answers", "zh": "回答"},
    "up": {"en": "up", "zh": "赞"},
    "down": {"en": "down", "zh": "踩"},
    "day": {"en": "From", "zh": "日期"},
    "figures": {"en": "The figures", "zh": "数据"},
    "nothing": {"en": "Nothing in these days.", "zh": "这些天没有数据。"},
}


@dataclass(frozen=True, slots=True)
class _Column:
    """What stands above one place of the axis: questions, and how many were handed over."""

    label: str
    title: str
    values: tuple[int, ...]


def render_insights(insights: Insights, language: Language) -> str:
    """The whole page."""
    say = _Words(language)
    body = "".join(
        (
            _cards(insights, say),
            _columns(insights.days, say),
            _panel(say("reasons"), _reasons(insights.reasons, say)),
            _panel(say("drafts"), _drafts(insights, say)),
            _panel(say("answers"), _answers(insights, say)),
        )
    )
    return f'<div class="dk-insights">{body}</div>'


def duration(seconds: float, language: Language) -> str:
    """A time as a person would say it: "45 s", "3 min", "2.5 h", "3 d"."""
    units = {"en": (" s", " min", " h", " d"), "zh": (" 秒", " 分钟", " 小时", " 天")}[language]
    for unit, size, limit in zip(units, (1, 60, 3600, 86400), (90, 5400, 129_600, math.inf), strict=True):
        if seconds < limit:
            value = seconds / size
            return f"{value:.1f}{unit}" if size > 60 and value < 10 else f"{value:.0f}{unit}"
    raise AssertionError("every time is below infinity")


@dataclass(frozen=True, slots=True)
class _Words:
    """The page's own words in one language, as HTML; intents and reasons are called as everywhere on the desk."""

    language: Language

    def __call__(self, name: str, **filled: object) -> str:
        """A text of this page by its name."""
        return escape(_WORDS[name][self.language].format(**filled))

    @property
    def desk(self) -> Words:
        """The words of the whole desk."""
        return Words(self.language)

    def time(self, seconds: float | None) -> str:
        """A time, or a dash where there is none."""
        return "–" if seconds is None else escape(duration(seconds, self.language))


def _cards(insights: Insights, say: _Words) -> str:
    decided = sum(record.n for record in insights.drafts)
    accepted = sum(record.accepted for record in insights.drafts)
    voted = insights.n_up + insights.n_down
    waits = say("open", n=insights.open_now) if insights.open_now else ""
    shown = (
        (say("conversations"), f"{insights.conversations:,}", ""),
        (say("alone"), *_share(insights.alone, insights.conversations, say)),
        (say("first"), say.time(insights.first_response.median), _within(insights.first_response.p90, say)),
        (say("resolution"), say.time(insights.resolution.median), waits or _within(insights.resolution.p90, say)),
        (say("accepted"), *_share(accepted, decided, say)),
        (say("thumbs"), *_share(insights.n_up, voted, say)),
        (say("unanswered"), *_share(insights.n_unanswered, insights.n_answers, say)),
    )
    cards = "".join(
        f'<div class="dk-figure"><dt>{name}</dt><dd>{value}</dd><dd class="dk-beside">{beside}</dd></div>'
        for name, value, beside in shown
    )
    return f'<dl class="dk-figures">{cards}</dl>'


def _share(n: int, of: int, say: _Words) -> tuple[str, str]:
    return (f"{n / of:.0%}", say("of", n=f"{n:,}", all=f"{of:,}")) if of else ("–", "")


def _within(seconds: float | None, say: _Words) -> str:
    return "" if seconds is None else say("p90", time=say.time(seconds))


def _panel(title: str, body: str) -> str:
    return f'<section class="dk-panel"><h3>{title}</h3>{body}</section>'


# -- drawings ----------------------------------------------------------------------------------------------------------


def _columns(days: Sequence[Day], say: _Words) -> str:
    """Questions and hand-offs, a column a day or a week."""
    weekly = len(days) > _MOST_COLUMNS
    title = say("weeks" if weekly else "days")
    columns = list(_in_columns(days, 7 if weekly else 1))
    most = max((max(column.values) for column in columns), default=0)
    if most == 0:
        return _panel(title, f"<p>{say('nothing')}</p>")
    top = _round_up(most)
    step = (_WIDTH - _SIDE) / len(columns)
    drawn = [_line(value, top) for value in (0, top // 2, top)]
    every = max(1, math.ceil(len(columns) * _LABEL / (_WIDTH - _SIDE)))
    for place, column in enumerate(columns):
        x = _SIDE + place * step
        questions, handoffs = column.values
        drawn.append(f"<g><title>{escape(column.title)} · {say('questions')} {questions} · "
                     f"{say('handoffs')} {handoffs}</title>"
                     f'<rect class="dk-hit" x="{x:.1f}" y="0" width="{step:.1f}" height="{_HEIGHT}"/>'
                     f"{_bar(x, step, questions, top, 'dk-1')}{_bar(x, step, handoffs, top, 'dk-2')}</g>")  # fmt: skip
        if place % every == 0:
            middle = x + step / 2
            drawn.append(
                f'<text x="{middle:.1f}" y="{_HEIGHT + 15}" text-anchor="middle">{escape(column.label)}</text>'
            )
    legend = "".join(
        f'<span class="dk-key {tone}">{say(name)}</span>'
        for name, tone in (("questions", "dk-1"), ("handoffs", "dk-2"))
    )
    svg = (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT + _FOOT}" role="img" aria-label="{title}" class="dk-plot">'
        f"{''.join(drawn)}</svg>"
    )
    rows = [(column.title, *(f"{value:,}" for value in column.values)) for column in columns]
    table = _table((say("day"), say("questions"), say("handoffs")), rows)
    return _panel(title, f'<p class="dk-legend">{legend}</p>{svg}{_aside(say("figures"), table)}')


def _in_columns(days: Sequence[Day], size: int) -> Iterator[_Column]:
    """Questions and hand-offs of `size` days each."""
    for start in range(0, len(days), size):
        some = days[start : start + size]
        first, last = some[0].day, some[0].day + timedelta(days=len(some) - 1)
        title = first.isoformat() if size == 1 else f"{first.isoformat()} – {last.isoformat()}"
        sums = sum(day.questions for day in some), sum(day.handoffs for day in some)
        yield _Column(first.strftime("%m-%d"), title, sums)


def _round_up(value: int) -> int:
    """The next figure that makes a good end of an axis: even, and 1, 2, 4, 6 or 8 with zeros."""
    if value <= 2:
        return 2
    size = 10 ** int(math.log10(value))
    return next(int(step * size) for step in (1, 2, 4, 6, 8, 10) if step * size >= value)


def _line(value: int, top: int) -> str:
    y = _HEIGHT - value / top * (_HEIGHT - _HEAD)
    return (
        f'<line class="dk-rule" x1="{_SIDE}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text x="{_SIDE - 6}" y="{y + 4:.1f}" text-anchor="end">{value:,}</text>'
    )


def _bar(x: float, step: float, value: int, top: int, tone: str) -> str:
    if not value:
        return ""
    width = max(min(step * 0.36, 18), 1)
    middle = x + step / 2 - (width if tone == "dk-1" else 0)
    height = value / top * (_HEIGHT - _HEAD)
    return (
        f'<rect class="{tone}" x="{middle:.1f}" y="{_HEIGHT - height:.1f}" width="{width:.1f}" height="{height:.1f}" '
        'rx="1.5"/>'
    )


def _reasons(reasons: Sequence[tuple[str, int]], say: _Words) -> str:
    if not reasons:
        return f"<p>{say('nothing')}</p>"
    most = max(n for _, n in reasons)
    return _list((reason(say.desk, name), n / most, f"{n:,}") for name, n in reasons)


def _list(bars: Iterable[tuple[str, float, str]]) -> str:
    """Bars with their names and values, which stand there as text as well."""
    items = "".join(
        f"<li><span>{name}</span>"
        f'<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="dk-1" width="{share * 100:.1f}" height="8"/></svg><b>{value}</b></li>'
        for name, share, value in bars
    )
    return f'<ul class="dk-bars">{items}</ul>'


def _drafts(insights: Insights, say: _Words) -> str:
    written = f"<p>{say('written', n=f'{insights.written:,}')}</p>" if insights.written else ""
    if not insights.drafts:
        return written or f"<p>{say('nothing')}</p>"
    head = (say("intent"), say("model"), "", say("accept"), say("edit"), say("reject"), say("edited_by"),
            say("decided_in"))  # fmt: skip
    rows = [
        (
            say.desk(record.intent or "–"),
            escape(record.model or "–"),
            _split(record),
            *(f"{n / record.n:.0%}" for n in (record.accepted, record.edited, record.rejected)),
            "–" if record.edit_distance is None else f"{record.edit_distance:.0f}",
            say.time(record.seconds),
        )
        for record in insights.drafts
    ]
    return f"{_table(head, rows)}{written}"


def _split(record: DraftRecord) -> str:
    """One bar cut into accepted, edited and rejected."""
    parts, x = [], 0.0
    for n, tone in ((record.accepted, "dk-good"), (record.edited, "dk-2"), (record.rejected, "dk-bad")):
        width = 100 * n / record.n
        parts.append(f'<rect class="{tone}" x="{x:.2f}" width="{width:.2f}" height="8"/>')
        x += width
    return f'<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">{"".join(parts)}</svg>'


def _answers(insights: Insights, say: _Words) -> str:
    if not insights.answers:
        return f"<p>{say('nothing')}</p>"
    head = (say("intent"), say("model"), say("n"), say("unanswered"), say("up"), say("down"))
    rows = [
        (
            say.desk(one.intent or "–"),
            escape(one.model or "–"),
            *(f"{n:,}" for n in (one.n, one.n_unanswered, one.n_up, one.n_down)),
        )
        for one in sorted(insights.answers, key=lambda one: -one.n)
    ]
    return _table(head, rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are HTML already."""
    names = "".join(f'<th scope="col">{name}</th>' for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="dk-scroll"><table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table></div>'


def _aside(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>{body}</details>"
