"""Separate characters of scripts that are written without spaces, so that a search finds parts of a text."""

import re

UNSPACED = re.compile(
    "[\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # Japanese
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese
    "\uac00-\ud7af]"  # Korean, whose words are often parts of longer ones
)


def spaced(text: str | None) -> str | None:
    """`text` with spaces around each such character: the index treats each as a word, and several as a phrase."""
    return text if text is None or text.isascii() else UNSPACED.sub(r" \g<0> ", text)
