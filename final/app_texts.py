"""The texts of the app beyond those of its parts, English and Simplified Chinese."""

from collections.abc import Mapping

APP_TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "demo.welcome": "This is the demo: press Return to look around",
        "tab.chat": "Chat",
        "tab.chat.unread": "Chat ({count})",
        "tab.files": "Files",
    },
    "zh": {
        "demo.welcome": "这是演示：按回车键进入看看",
        "tab.chat": "聊天",
        "tab.chat.unread": "聊天（{count}）",
        "tab.files": "文件",
    },
}
