"""What RFC 4287 requires of a feed, as far as ours use it, checked strictly."""

import re
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

ATOM = "{http://www.w3.org/2005/Atom}"
# Which elements each element may contain, and how often at least and at most.
CHILDREN = {
    "feed": {
        **dict.fromkeys(("id", "title", "updated"), (1, 1)),
        **dict.fromkeys(("subtitle", "rights", "icon", "logo", "generator"), (0, 1)),
        **dict.fromkeys(("author", "contributor", "category", "link", "entry"), (0, None)),
    },
    "entry": {
        **dict.fromkeys(("id", "title", "updated"), (1, 1)),
        **dict.fromkeys(("published", "summary", "content", "rights", "source"), (0, 1)),
        **dict.fromkeys(("author", "contributor", "category", "link"), (0, None)),
    },
    "author": {"name": (1, 1), "uri": (0, 1), "email": (0, 1)},
}
ATTRIBUTES = {
    "link": ({"href"}, {"rel", "type", "hreflang", "title", "length"}),
    "category": ({"term"}, {"scheme", "label"}),
    "content": (set(), {"type", "src"}),
    **dict.fromkeys(("title", "subtitle", "summary", "rights"), (set(), {"type"})),
}
DATE = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
)


def faults(content: bytes) -> list[str]:
    """What is wrong with a feed, empty if nothing is."""
    root = ElementTree.fromstring(content)
    if root.tag != f"{ATOM}feed":
        return [f"the document is a {root.tag}"]
    found = [fault for element in root.iter() for fault in _faults(element)]
    entries = root.findall(f"{ATOM}entry")
    authored = [root] if root.find(f"{ATOM}author") is not None else entries
    found += ["there is no author" for element in authored if element.find(f"{ATOM}author") is None]
    if not entries and root.find(f"{ATOM}author") is None:
        found.append("there is no author")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    found += [f"{id_} is the id of two entries" for id_ in {id_ for id_ in ids if ids.count(id_) > 1}]
    dates = [str(entry.findtext(f"{ATOM}updated")) for entry in entries]
    if dates and root.findtext(f"{ATOM}updated") != max(dates):
        found.append("the feed was updated at another time than its newest entry")
    if "self" not in {link.get("rel") for link in root.findall(f"{ATOM}link")}:
        found.append("the feed does not say where it is")
    return found


def _faults(element: Element) -> list[str]:
    name = element.tag.removeprefix(ATOM)
    allowed, found = CHILDREN.get(name, {}), []
    tags = [child.tag.removeprefix(ATOM) for child in element]
    found += [f"{name} holds {tag}" for tag in set(tags) - allowed.keys()]
    for tag, (least, most) in allowed.items():
        if tags.count(tag) < least or (most is not None and tags.count(tag) > most):
            found.append(f"{name} holds {tags.count(tag)} {tag}")
    needed, optional = ATTRIBUTES.get(name, (set(), set()))
    found += [f"{name} lacks {each}" for each in needed - set(element.keys())]
    found += [f"{name} has {each}" for each in set(element.keys()) - needed - optional]
    text = element.text or ""
    if name == "updated" and not DATE.fullmatch(text):
        found.append(f"{text!r} is no date")
    if name == "id" and not urlsplit(text).scheme:
        found.append(f"{text!r} is no address")
    if name == "link" and urlsplit(element.get("href", "")).scheme not in ("http", "https"):
        found.append(f"{element.get('href')!r} is no address of a page")
    if name in ("title", "content") and element.get("type", "text") == "text" and len(element):
        found.append(f"{name} is text and holds elements")
    if name == "entry":
        alternate = [link.get("type") for link in element.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
        if len(alternate) > len(set(alternate)):
            found.append("an entry has two pages of one type")
        if element.find(f"{ATOM}content") is None and not alternate:
            found.append("an entry has neither content nor a page")
    return found
