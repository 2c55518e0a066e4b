"""Atom, written by hand: entries, feeds, and characters that XML cannot contain. Pure."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

NAMESPACE = uuid.UUID("5b3a3c0e-6d0c-5f0e-9a86-0c6f2f8f7d11")
# quote() cannot encode a lone surrogate, and XML 1.0 cannot contain these characters, even escaped.
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Entry:
    """One piece of news; `identity` stays the same when the site moves or is made again."""

    identity: tuple[str, ...]
    title: str
    updated: str
    link: str
    content: str
    category: str | None = None

    def lines(self) -> list[str]:
        """The entry as XML."""
        category = [f"    <category term={attribute(self.category)}/>"] if self.category else []
        return [
            "  <entry>",
            f"    <title>{text(self.title)}</title>",
            f"    <id>{identifier(*self.identity)}</id>",
            f"    <updated>{text(self.updated)}</updated>",
            *category,
            f'    <link rel="alternate" href={attribute(self.link)}/>',
            f'    <content type="text">{text(self.content)}</content>',
            "  </entry>",
        ]


def document(
    identity: tuple[str, ...], title: str, author: str, updated: str, path: str, page: str, entries: Iterable[Entry]
) -> bytes:
    """A feed at the address `path`, with the same content as the page at `page`."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"  <title>{text(title)}</title>",
        f"  <id>{identifier(*identity)}</id>",
        f"  <updated>{text(updated)}</updated>",
        f"  <author><name>{text(author)}</name></author>",
        f'  <link rel="self" type="application/atom+xml" href={attribute(path)}/>',
        f'  <link rel="alternate" type="text/html" href={attribute(page)}/>',
        *(line for entry in entries for line in entry.lines()),
        "</feed>",
    ]
    return ("\n".join(lines) + "\n").encode()


def identifier(*parts: str) -> str:
    """A permanent identifier for these parts; it is not the address of a page."""
    return uuid.uuid5(NAMESPACE, "\n".join(parts)).urn


def text(text: str) -> str:
    """Text between tags."""
    return escape(UNWRITABLE.sub("\ufffd", text))


def attribute(text: str) -> str:
    """Text in an attribute, with its quotes."""
    return quoteattr(UNWRITABLE.sub("\ufffd", text))
