"""The scenes of the documents: small plays with real programs. ``kit.py docs`` performs them.

``<!-- scene: stage1.second_client -->`` names the function ``second_client`` of ``stage1.py``. It
gets a ``Stage`` (tests/kit/docs/stage.py) and returns Markdown.
"""
