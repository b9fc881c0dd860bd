"""The parts of documents that are made by running the code, between marker comments in Markdown.

``<!-- scene: stage1.second_client -->`` … ``<!-- /scene -->``: what stands between is made again by
``kit.py docs``, and ``kit.py docs --check`` fails when it differs. The kinds: see ``build.py``.
"""
