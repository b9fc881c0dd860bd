"""The texts of the app beyond those of its parts, English and Simplified Chinese."""

from collections.abc import Mapping

APP_TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "tab.chat": "Chat",
        "tab.chat.unread": "Chat ({count})",
        "tab.files": "Files",
    },
    "zh": {
        "tab.chat": "聊天",
        "tab.chat.unread": "聊天（{count}）",
        "tab.files": "文件",
    },
}
