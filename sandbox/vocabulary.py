"""The vocabulary of the invented estates. No organisation, place or product named here exists."""

# An invented health service: login, name. The fenland one is a user account.
HEALTH = (
    ("harbour-health", "Harbour Health"),
    ("LarkmereData", "Larkmere Data Service"),
    ("silverfen-hospitals", "Silverfen Hospitals"),
    ("OakhollowCare", "Oakhollow Care Partnership"),
    ("windle-bay-analytics", "Windle Bay Analytics"),
    ("copperford-r-club", "Copperford R Club"),
    ("fenland-notebooks", "Fenland Notebooks"),
    ("LanternInstitute", "Lantern Institute for Clinical Informatics"),
    ("openquill", "OpenQuill Studies"),
    ("openquill-core", "OpenQuill"),
    ("tidewater-prescribing", "Tidewater Prescribing Service"),
    ("Amberlea-Blood-Bank", "Amberlea Blood Bank"),
    ("kestrel-care-standards", "Kestrel Care Standards"),
    ("MossgateTrust", "Mossgate Trust"),
    ("heronsbrook-digital", "Heronsbrook Digital"),
    ("pebble-connect", "Pebble Connect"),
    ("BrambleLeadership", "Bramble Leadership School"),
    ("foxmoor-evidence", "Foxmoor Evidence Centre"),
    ("saltmarsh-imaging", "Saltmarsh Imaging Network"),
    ("Quarrydale-ICS", "Quarrydale Integrated Care"),
    ("juniper-python-circle", "Juniper Python Circle"),
    ("CloudberryUnit", "The Cloudberry Strategy Unit"),
    ("rooksworth-ambulance", "Rooksworth Ambulance Control"),
    ("starling-helpline", "Starling Helpline Online"),
    ("WillowmarkSecurity", "Willowmark Health Security"),
    ("plumstone-training", "Plumstone Training and Education"),
)
USERS = frozenset({"fenland-notebooks", "pebblecombe-maps", "thistlewick-archives"})
RENAMED = {"pebble-connect": "pebble-spine"}  # its login until 2021-05-04

PLACES = (
    "Aldermist", "Brackenholt", "Cinderby", "Dovemarsh", "Emberwick", "Fallowmere", "Gorsebridge", "Hollowdene",
    "Inkwell Vale", "Kelpstrand", "Lowhaven Cross", "Mirefield Ash", "Nettlecote", "Otterfleet", "Pebblecombe",
    "Quillmoor", "Rushwater", "Sorrelby", "Thistlewick", "Umberstone",
)  # fmt: skip
BODIES = ("Council", "Transport", "Archives", "Water Office", "Maps", "Statistics", "Digital", "Fire Service")

SUBJECTS = (
    "appointments", "triage", "referrals", "prescribing", "vaccinations", "bed-occupancy", "waiting-times",
    "planning", "parking", "recycling", "bus-timetables", "flood-alerts", "library-loans", "payments", "identity",
    "consent", "screening", "imaging", "pathology", "maternity", "care-homes", "workforce", "school-places",
    "licensing", "street-lights", "air-quality", "census", "boundaries", "procurement", "budget",
    "complaints", "feedback", "notifications", "messaging", "address-lookup", "postcode", "search", "patient-records",
    "discharge", "pharmacy", "allergy-codes", "clinical-codes", "outbreak", "wastewater", "ambulance-routes", "rota",
    "training", "grants",
)  # fmt: skip
THINGS = (
    "api", "service", "dashboard", "pipeline", "analysis", "prototype", "frontend", "backend", "website", "toolkit",
    "data-model", "docs", "design-system", "terraform", "infrastructure", "notebooks", "report", "model", "simulator",
    "validator", "mock", "sdk", "client", "cli", "tests", "ui-components", "templates", "workshop", "package", "etl",
)  # fmt: skip
QUALITIES = ("open", "legacy", "national", "local", "new", "synthetic", "shared", "simple", "fast", "beta")

DESCRIPTIONS = (
    "{Subject} {thing}",
    "A {thing} for {subject}",
    "The {quality} {thing} behind our {subject} service",
    "{Subject}: {quality} {thing}, built in the open",
    "Code for the {subject} {thing} 📊",
    "🏥 {Subject} {thing} for local teams",
    'Our "{quality}" {subject} {thing} (see the wiki)',
    "R code to reproduce the {subject} report & its figures",
    "**Deprecated**: use the `{subject}` {thing} instead",
    "{Subject} {thing}; it's {quality}, 100% tested, <5 minutes to set up",
    "Gwasanaeth {subject}: {thing} dwyieithog, yn Gymraeg â Saesneg",
    "Archived {thing} of the {subject} team. Not maintained.",
)
LANGUAGES: dict[str | None, int] = {
    "Python": 22, "JavaScript": 12, "R": 13, "HTML": 11, "Jupyter Notebook": 8, "C#": 6, "Java": 6, "TypeScript": 6,
    "Ruby": 4, "Go": 2, "HCL": 2, "Shell": 2, "PHP": 1, "CSS": 1, "SCSS": 1, "TSQL": 1, "Dockerfile": 1, "Scala": 1,
    "Stata": 1, "Kotlin": 1, "Swift": 1, None: 9,
}  # fmt: skip
LICENCES: dict[str | None, int] = {
    "MIT": 38, None: 35, "Apache-2.0": 8, "NOASSERTION": 7, "GPL-3.0": 6, "BSD-3-Clause": 2, "CC0-1.0": 1,
    "AGPL-3.0": 1, "LGPL-3.0": 1, "MPL-2.0": 1,
}  # fmt: skip
LICENCE_NAMES = {  # SPDX identifier: GitHub's key, name and number
    "MIT": ("mit", "MIT License", 13),
    "Apache-2.0": ("apache-2.0", "Apache License 2.0", 2),
    "GPL-3.0": ("gpl-3.0", "GNU General Public License v3.0", 9),
    "AGPL-3.0": ("agpl-3.0", "GNU Affero General Public License v3.0", 1),
    "LGPL-3.0": ("lgpl-3.0", "GNU Lesser General Public License v3.0", 12),
    "MPL-2.0": ("mpl-2.0", "Mozilla Public License 2.0", 14),
    "BSD-3-Clause": ("bsd-3-clause", 'BSD 3-Clause "New" or "Revised" License', 5),
    "CC0-1.0": ("cc0-1.0", "Creative Commons Zero v1.0 Universal", 6),
    "NOASSERTION": ("other", "Other", 0),
}
TOPICS = (
    "open-data", "health", "healthcare", "rstats", "python", "data-science", "fhir", "local-government", "digital",
    "dashboard", "machine-learning", "nlp", "api", "terraform", "govuk-frontend", "reproducible-research", "ehr",
    "statistics", "maps", "open-source",
)  # fmt: skip
