"""Which main languages are markup or notebooks: in bytes, one page or notebook outweighs the code beside it."""

MARKUP_AND_NOTEBOOKS = "Markup and notebooks"

# Languages that Linguist, which detects them for GitHub, types as markup (August 2026), with Jupyter Notebook and
# frameworks whose files are mainly pages, such as Vue. It counts HTML+ERB and the like as other languages.
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
    """The language itself, or the group that it belongs to."""
    return MARKUP_AND_NOTEBOOKS if language in FOLDED else language
