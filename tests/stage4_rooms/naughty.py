"""Texts that programs stumble over. A chat brings each of them back code point for code point."""

NAUGHTY = [
    # What looks like something to a program on the way
    *(
        "NULL",
        "None",
        "undefined",
        "true",
        "0",
        "-1",
        "1e400",
        "NaN",
        "\\",
        "\\\\",
        "\\n",
        "\\u0000",
    ),
    *(
        "'",
        '"',
        "'; DROP TABLE message; --",
        "' OR '1'='1",
        "%",
        "%s%s%n",
        "%(x)s",
        "?",
        ":x",
        "{}",
    ),
    *("{0}", "${PATH}", "$(reboot)", "`reboot`", "<b>x</b>", "<script>alert(1)</script>", "&amp;"),
    *("[link=x]y[/link]", "[bold]", '{"op": 100}', "]]>", "/quit", "//", "@everyone", "=1+1"),
    # White space and controls
    *(" ", "  two  ", "\t", "\n", "\r\n", "\n\n\n", "line one\nline two\r\nline three", "a\rb"),
    *(
        "\x00",
        "a\x00b",
        "\x00\x00",
        "\x01\x02\x1f",
        "\x1b[2J\x1b]0;title\x07",
        "\x7f",
        "\x85",
        "\x9b",
    ),
    *("\u00a0", "\u2028", "\u2029", "\u3000", "\ufeffbom", "bom\ufeff", "\u200b", "a\u00adb"),
    # Scripts, directions, forms
    *("日本語", "русский", "ελληνικά", "עברית", "العربية", "हिन्दी", "ไทย", "한국어", "አማርኛ"),
    *("\u202eright to left\u202c", "\u2066isolate\u2069", "\u200frtl\u200e", "שלום hello 123"),
    *("e\u0301", "\u00e9", "ﬁ", "ﬀ", "Å\u212b", "ＡＢＣ", "ı İ ß ẞ", "ǅ", "①②③", "½", "x²"),
    "Z\u0351\u036b\u0343\u036a\u0302a\u0329\u0354\u0347l\u0321\u031bg\u0340o\u0301\u0302" * 10,
    # Emoji, and the far end of Unicode
    *(
        "😀",
        "👨\u200d👩\u200d👧\u200d👦",
        "🏳\ufe0f\u200d🌈",
        "🇨🇳🇩🇪",
        "👍🏽",
        "❤\ufe0f",
        "❤\ufe0e",
        "#\ufe0f\u20e3",
    ),
    *("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "𝒜𝔅ℭ", "𠜎𠜱𠝹"),
    *("\ufffd", "\ufffe", "\uffff", "\ufdd0", "\ue000", "\U000fffff", "\U0010fffd", "\U0010ffff"),
    *("\u0378", "\ud7ff", "\ufff9\ufffa\ufffb", "\u115f\u3164"),
    # Size
    *("x" * 8000, "😀" * 8000, "\x01" * 8000, "\u0301" * 8000, "\n" * 8000, '"\\' * 4000),
]
