"""Which main languages are markup or notebooks: by bytes, one page or one notebook outweighs the code beside it."""

MARKUP_AND_NOTEBOOKS = "Markup and notebooks"

# What Linguist, which detects languages for GitHub, types as markup (August 2026), Jupyter Notebook among it, and
# frameworks whose files are pages first, such as Vue. What it counts as another language, as HTML+ERB, is none of it.
FOLDED = frozenset(
    name.strip()
    for name in """
    API Blueprint, Antlers, Astro, BBCode, Bikeshed, Blade, Blueprint, Bru, CSS, Closure Templates, Cooklang, D2, EJS,
    Edge, Genero per, Go Template, HTML, Haml, Handlebars, Jinja, Jupyter Notebook, Kit, Latte, Less, Liquid, MDX,
    MTML, Marko, Mask, Mermaid, Mustache, Nunjucks, PostScript, Pug, RAML, RUNOFF, Rich Text Format, Riot, Roff, SCSS,
    SRecode Template, Sass, Scaml, Slim, Slint, StringTemplate, Stylus, SugarSS, Svelte, TeX, Tea, Twig,
    Velocity Template Language, Vento, Vim Snippet, Vue, YASnippet, kvlang, mdsvex, templ
    """.split(",")  # noqa: SIM905 - a list would be sixty lines
)


def group(language: str | None) -> str | None:
    """The language itself, or what it is folded into."""
    return MARKUP_AND_NOTEBOOKS if language in FOLDED else language
