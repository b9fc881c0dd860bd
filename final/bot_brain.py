"""What the chat bot answers. A core: text in, text out; chance and the time are passed in."""

import random
import re
from datetime import datetime

_GREETING = re.compile(r"\b(hi|hello|hey|good (morning|evening))\b|你好|您好|大家好", re.IGNORECASE)
_TIME = re.compile(r"\b(time|date|day)\b|几点|时间|日期", re.IGNORECASE)
_THANKS = re.compile(r"\b(thanks?|thx)\b|谢谢|多谢", re.IGNORECASE)
_DICE = re.compile(r"\b(?:roll|dice)\b|骰子", re.IGNORECASE)
_HELP = re.compile(r"\b(help|what can you do)\b|帮助|你会什么", re.IGNORECASE)
_ECHO = re.compile(r"^\s*echo\s+(.+)", re.IGNORECASE | re.DOTALL)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")

# How the bot keeps a talk going when it understands nothing, in the language it was spoken to.
_SMALL_TALK = {
    "en": (
        "I see. I began as an echo server, so I understand that well: {text}",
        "Tell me more. (Or say: help)",
        "My ancestor would have said: 已收到消息:{text}",
    ),
    "zh": (
        "明白了。我的祖先是一个回声服务器, 它会说: 已收到消息:{text}",
        "再说说看。(也可以说: 帮助)",
        "有意思!你刚才说的是: {text}",
    ),
}
_ECHO_LENGTH = 200


def answer(text: str, speaker: str, now: datetime, chance: random.Random) -> str:
    """Return what the bot says to ``speaker``, in Chinese when it was spoken to in Chinese."""
    chinese = bool(_CHINESE.search(text))
    if echo := _ECHO.match(text):
        return f"已收到消息:{echo[1][:_ECHO_LENGTH]}"
    if _GREETING.search(text):
        return greeting(speaker, chinese=chinese)
    if _HELP.search(text):
        return _one_of(
            "我会: 问好, 报时(几点), 掷骰子, 回声(echo 你好)",
            "I can: greet, tell the time, roll dice, and echo (try: echo 你好)",
            chinese,
        )
    if _TIME.search(text):
        return _one_of(f"现在是 {now:%Y-%m-%d %H:%M}", f"It is {now:%A, %H:%M}", chinese)
    if _DICE.search(text):
        number = chance.randint(1, 6)
        return _one_of(f"你掷出了 {number}", f"You rolled a {number}", chinese)
    if _THANKS.search(text):
        return _one_of("不客气!", "You are welcome!", chinese)
    return chance.choice(_SMALL_TALK["zh" if chinese else "en"]).format(text=text[:_ECHO_LENGTH])


def greeting(name: str, *, chinese: bool = False) -> str:
    """Return how the bot greets somebody."""
    return _one_of(
        f"你好, {name}! 我是机器人, 说点什么吧。",
        f"Hello {name}! I am a bot; say something, or: help",
        chinese,
    )


def _one_of(in_chinese: str, in_english: str, chinese: bool) -> str:
    return in_chinese if chinese else in_english
