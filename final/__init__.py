"""The whole: three servers and the app in one command, a terminal client, a bot, a demo."""
