"""Mask e-mail addresses and telephone numbers in what owners typed. Pure: a text always gives the same result.

An e-mail address is a name, an @ and a domain with a dot. The @ may be full-width, percent-encoded as in a link, or
written `(at)` or `[at]`. `git@` is left alone: it is how git addresses a server.

Digits alone are versions, dates and identifiers, so a telephone number is one of these and nothing else:
- a plus sign and 8 to 15 digits;
- 6 to 15 digits after a word or sign for a telephone ("tel", "phone", "call", ...), unless they begin with a date;
- 10 or 11 digits in groups of two or more, the first of which begins with a single zero: 020 7946 0000;
- 11 digits in one, which begin with a single zero, as in Britain;
- America's form: (212) 555-0100 or 212-555-0100.
"""

import re

EMAIL = "[e-mail address removed]"
TELEPHONE = "[telephone number removed]"

_EMAIL = re.compile(
    r"""
    (?P<name> [\w.!#$&'*+=?^`{|}~-]{1,64} )
    (?: [@\uff20\ufe6b] | %40 | \s?[(\[{]\s?at\s?[)\]}]\s? )
    (?: [\w-]{1,63} (?: \. | \s?[(\[{]\s?dot\s?[)\]}]\s? ) ){1,8}
    (?: xn--[\w-]{1,59} | [^\W\d_]{2,63} ) (?!\w)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_AT = re.compile(r"[@\uff20\ufe6b]|%40|[(\[{]\s?at\s?[)\]}]", re.IGNORECASE)

# Every form below has six digits with at most three other characters between two of them; most texts do not.
_DIGITS = re.compile("(?:[0-9][^0-9]{0,3}){5}[0-9]")
# Between two digits: nothing, or one mark, such as the spaces and dashes of word processors.
_MARK = r"[\ \u00a0\u202f.\u2010-\u2013-]"
_WORDS = "tel|tél|telephone|téléphone|telefon|telefono|teléfono|phone|mobile|mob|fax|call|ring|whatsapp"
# \w and \d are ASCII here, because Chinese and Japanese put no space between words and digits.
_TELEPHONE = re.compile(
    rf"""
    (?<![\w+]) \+ {_MARK}?\(?[1-9] (?: {_MARK}?[()]?{_MARK}?\d ){{7,14}} (?!\d)
    | (?P<word> (?: \b(?:{_WORDS})\b | 電話 | 电话 | [☎☏✆📞📱] ) [\ufe0f.:\uff1a\s]{{0,3}} )
      (?! (?:19|20)\d\d {_MARK} (?: \d\d(?!\d) | (?:19|20)\d\d(?!\d) ) )
      \(?\d (?: {_MARK}?[()]?{_MARK}?\d ){{5,14}} (?!\w)
    | (?<![\w.,/=+#-])
      (?P<groups> (?: \(0[1-9]\d{{0,4}}\){_MARK}? | 0[1-9]\d{{0,4}}{_MARK} ) \d{{2,}} (?:{_MARK}\d{{2,}})* )
      (?! \w | [:/,.=-]\d )
    | (?<![\w.,/=+#-]) 0[1-9]\d{{9}} (?! \w | [:/,.=-]\d )
    | (?<![\w.,/=+#-]) (?: \([2-9]\d\d\)\ ? | [2-9]\d\d- ) [2-9]\d\d-\d{{4}} (?! \w | -\d )
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_DIGITS_IN_GROUPS = (10, 11)


def mask(text: str) -> str:
    """`text`, with each e-mail address and telephone number replaced by a note."""
    if _AT.search(text):
        text = _EMAIL.sub(lambda found: found[0] if found["name"] == "git" else EMAIL, text)
    return _TELEPHONE.sub(_telephone, text) if _DIGITS.search(text) else text


def _telephone(found: re.Match[str]) -> str:
    if found["groups"] and sum(map(str.isdigit, found["groups"])) not in _DIGITS_IN_GROUPS:
        return found[0]
    return (found["word"] or "") + TELEPHONE
