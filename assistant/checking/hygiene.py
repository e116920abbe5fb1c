"""Sentences no shopper should ever see, whatever the record says: markup, disclosed prompts, instructions, noise.

In: one drafted sentence, what the reply says already, and the language it should be in. Out: what is wrong with it, in
words for the log. It refuses to know facts: those are the business of `checks`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from knowledge_base.text import has_cjk

_MARKUP = re.compile(
    r"<\s*/?\s*[a-zA-Z!?][^>\n]{0,300}>?|javascript\s*:|data\s*:\s*text/html|\bon(?:error|load|click|mouseover"
    r"|focus)\s*=|!\[[^\]]*\]\(|&(?:lt|#x?3c|#0*60);",
    re.IGNORECASE,
)
_INVISIBLE = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)
_DISCLOSED = re.compile(
    r"(?i:system prompt|system message|(?:my|the|these|your|above|previous|prior|initial|hidden"
    r"|secret) (?:\w+ )?(?:instructions?|prompts?|rules|guidelines) (?:say|are|is|were|tell|state|read|require)|"
    r"(?:ignore|disregard|forget|override) (?:all |any |the |my |your )*(?:previous|prior|above|earlier"
    r"|other)? ?(?:instructions?|rules|prompts?)|"
    r"I (?:was|am|'m|have been) (?:told|instructed|programmed|prompted|given instructions)|as an? (?:AI"
    r"|artificial|large)? ?(?:language )?model|developer mode|jailbr\w+|"
    r"<\|[^|>]{1,40}\|>|\[/?INST\]|<</?SYS>>|</?(?:s|think|system|user|assistant|evidence|data|source|record)>"
    r"|^(?:system|user|assistant|human|developer|dan|gpt)\s*:|"
    r"as (?:the |this |that |your |its )?(?:product|page|item|description|listing|review|reviewer|text"
    r"|instruction|note)s?"
    r"(?: \w+)? (?:asks?|asked|says to|tells? me|told me|instructs?|instructed|requests?|requested|demands?|requires?)"
    r"|as (?:instructed|requested|told|ordered|commanded) (?:in|by)|hacked by|override (?:accepted|complete)"
    r"|\b(?:dan|god|admin|debug|root|sudo) mode|mode (?:is |now )*(?:enabled|activated|unlocked|on\b)"
    r"|(?:my|the|secret|hidden) (?:rules|instructions|prompt)\b(?=\s*(?:are|:|say|tell|begin))|"
    r"^#{2,4} ?(?:instruction|response|system|input|context)|begin(?:ning)? of (?:the )?(?:data|evidence)"
    r"|end of (?:the )?(?:data|evidence|context)|(?:evidence|data|fence)[-_ ][0-9a-f]{6,}|\bnonce\b)"
    r"|系统提示|提示词|系统指令|系统消息|忽略(?:以上|之前|上面|前面|所有)|我(?:的指令|被(?:要求|告知|指示"
    r"|设定))|作为(?:一个)?(?:人工智能|AI|语言模型|大模型)|开发者模式"
    r"|^(?:系统|用户|助手|开发者)\s*[:：]|我的(?:规则|规定|设定|指令|提示)|隐藏的?(?:提示|指令)|指令已"
    r"|(?:管理员|调试|上帝)模式"
    r"|(?:按照?|遵照|应|依)[^，。]{0,8}(?:说明|评论|评价|页面|描述|商品|文本|资料)[^，。]{0,3}的?(?:要求|指示"
    r"|指令|吩咐)"
    r"|(?:无视|忽略|不管|违反|抛开|不理会)[^，。]{0,6}(?:规定|规则|指令|要求|限制|设定)"
)
_INSTRUCTED = re.compile(
    r"(?i:(?:send|give|tell|enter|share|provide|reply with|type|confirm)(?: \w+){0,4} (?:password|pin|cvv|cvc"
    r"|card number|credit card|bank (?:account|details)|passcode|one[- ]time (?:code|password)|otp"
    r"|social security|ssn|verification code|seed phrase)|"
    r"(?:wire|transfer|send)(?: \w+){0,3} (?:money|bitcoin|crypto|funds|payment) (?:to|via)|gift card codes?"
    r"|(?:download|install|run|execute|open|paste)(?: \w+){0,4} (?:\.exe|attachment|script|command|terminal"
    r"|powershell|apk|software|remote)|"
    r"curl http|rm -rf|powershell|sudo |drop table|select \* from|eval\(|import os)"
    r"|(?:提供|输入|发送|告诉我|告知|回复)(?:您|你)?的?.{0,6}(?:密码|验证码|银行卡|信用卡号|CVV|身份证号)"
    r"|(?:转账|汇款|打款)(?:到|给|至)|(?:加|添加)(?:我"
    r"|客服|老师)?的?(?:微信|QQ|私人)|扫码(?:付款|转账)|下载.{0,6}(?:软件|安装包|APP)"
)
_NOISE = re.compile(
    r"[\"'][a-z_]+[\"']\s*:\s*[\"'\[{\d]|(\D)\1{11,}|(\b[^\W\d]\w{0,12}\b\W{1,3})\2{4,}|([\u3400-\u9fff]{1,6})\3{4,}"
    r"|[^\w\s.,!?|:;*#>\[\]()…。，！？、；：（）「」—–'\"-]{12,}",
    re.DOTALL,
)
_OTHER_SCRIPT = re.compile("[\u0370-\u1fff\u3040-\u30ff\uac00-\ud7af\u0e00-\u0e7f]")
_FOREIGN = re.compile(
    r"(?i:\b(?:el|los|las|una|que|para|con|por|está|del|pero|más|este|esta|nous|vous|est|les|des|une|avec|pour"
    r"|dans|sur|mais|cette|être|das|der|die|und|ist|nicht|mit|für|ein|eine|auf|sie|wir|dieser|diese|kostet"
    r"|cuesta|coûte|il|lo|gli|della|che|sono|questo|é|não|uma|você|het|een|van|voor|niet)\b)"
)
_ENGLISH = re.compile(
    r"(?i:\b(?:the|is|are|it|and|of|for|with|this|that|you|we|our|your|in|on|to|have|has|at|from|can|costs?)\b)"
)


def faults(sentence: str, before: str, language: str, known: str, query: str) -> Iterator[tuple[str, str]]:
    """(check, detail) of everything wrong; nothing for a clean sentence. `known` is all text of the evidence."""
    if found := _MARKUP.search(sentence):
        yield "markup", f"markup {found[0][:40]!r}"
    if _INVISIBLE.search(sentence):
        yield "markup", "invisible or control characters"
    found = _DISCLOSED.search(sentence.strip(" \t\n-*•>#"))
    if found and found[0].casefold() not in known.casefold():
        yield "disclosure", f"speaks of its instructions: {found[0][:40]!r}"
    found = _INSTRUCTED.search(sentence)
    if found and found[0].casefold() not in known.casefold():
        yield "instruction", f"asks the shopper for something unsafe: {found[0][:40]!r}"
    yield from _language(sentence, language, known, query)
    if _is_noise(sentence):
        yield "noise", "repeats itself or is no text"
    if len(sentence.strip()) > 24 and not sentence.lstrip().startswith("|") and sentence.strip() in before:
        yield "noise", "was said already"


def _language(sentence: str, language: str, known: str, query: str) -> Iterator[tuple[str, str]]:
    if foreign := _OTHER_SCRIPT.findall(sentence):
        strange = [letter for letter in foreign if letter not in known and letter not in query]
        if strange:
            yield "language", f"a script nobody here wrote in: {''.join(strange[:8])!r}"
            return
    if language == "zh":
        latin = re.findall(r"[A-Za-z]{2,}", sentence)
        folded = known.casefold() + query.casefold()
        if (not has_cjk(sentence) and sum(word.casefold() not in folded for word in latin) >= 3) or (
            not has_cjk(sentence)
            and len(latin) >= 4
            and len(_ENGLISH.findall(sentence)) >= 3
            and sentence.strip(" *>|-\n") not in known
        ):
            yield "language", "not in Chinese"
        return
    for run in re.findall("[\u3400-\u9fff]{2,}", sentence):
        if run not in known and run not in query:
            yield "language", f"not in English: {run[:12]!r}"
            return
    words = re.findall(r"[A-Za-zÀ-ÿ]+", sentence)
    foreign_words = {word.casefold() for word in _FOREIGN.findall(sentence)}
    if len(words) >= 4 and len(foreign_words) >= 2 and not _ENGLISH.search(sentence) and sentence.strip() not in known:
        yield "language", "not in English"


def _is_noise(sentence: str) -> bool:
    text = sentence.strip()
    if not text or text.startswith("|") or re.fullmatch(r"[-*_=\s]+", text):
        return False
    if _NOISE.search(text) or any(len(word) > 90 and "://" not in word and not has_cjk(word) for word in text.split()):
        return True
    if len(re.findall(r"[A-Za-z][@#$%&!][A-Za-z]|(?<![\w$€£¥])[@#%&!]{1,2}[a-z]", text)) >= 4:
        return True
    words = re.findall(r"\w+", text.casefold())
    if len(words) >= 12:
        triples = Counter(zip(words, words[1:], words[2:], strict=False))
        if (most := triples.most_common(1)[0][1]) >= 4 and most * 3 > len(words) / 2:
            return True
    marks = sum(not (letter.isalnum() or letter.isspace()) for letter in text)
    return len(text) > 20 and marks > 0.6 * len(text)
