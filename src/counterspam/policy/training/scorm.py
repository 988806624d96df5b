"""One module as a package for learning platforms: SCORM 1.2 (ADL, 2001), content packaging after IMS CP 1.1.2.

One item, one shareable content object: the page of `course`, whose script reports score and status to the platform.
"""

from xml.sax.saxutils import escape, quoteattr

from counterspam.policy.training import course
from counterspam.policy.training.archive import packed
from counterspam.policy.training.course import Given
from counterspam.policy.training.library import Library
from counterspam.policy.training.module import Module

MANIFEST, PAGE = "imsmanifest.xml", "index.html"
NAMESPACE = "http://www.imsproject.org/xsd/imscp_rootv1p1p2"
ADL = "http://www.adlnet.org/xsd/adlcp_rootv1p2"


def package(library: Library, slug: str, lang: str, audience: str, given: Given) -> bytes:
    """The package (zip) of a module that the library has in `lang`, for an audience, "" for all. Same content, same bytes."""
    module = library.module(slug, lang, audience)
    assert module is not None, slug
    items, quiz_lang = library.quiz(slug, module.lang, audience)
    found = {
        MANIFEST: manifest(module, (PAGE, course.STYLE, course.SCRIPT), given.pass_mark),
        PAGE: course.page(module, items, audience, given, quiz_lang=quiz_lang),
        course.STYLE: given.css,
        course.SCRIPT: course.script(),
    }
    return packed(found, module.reviewed)


def manifest(module: Module, names: tuple[str, ...], pass_mark: float) -> bytes:
    """The manifest: one organisation with one item that leads to the first of the files `names`."""
    title, base = escape(module.title), f"CS-{module.id}-{module.lang}"
    listed = "\n".join(f"      <file href={quoteattr(name)}/>" for name in names)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="{base}" version="{module.reviewed.isoformat()}" xmlns="{NAMESPACE}" xmlns:adlcp="{ADL}">
  <metadata>
    <schema>ADL SCORM</schema>
    <schemaversion>1.2</schemaversion>
  </metadata>
  <organizations default="{base}-org">
    <organization identifier="{base}-org">
      <title>{title}</title>
      <item identifier="{base}-item" identifierref="{base}-sco" isvisible="true">
        <title>{title}</title>
        <adlcp:masteryscore>{round(100 * pass_mark)}</adlcp:masteryscore>
      </item>
    </organization>
  </organizations>
  <resources>
    <resource identifier="{base}-sco" type="webcontent" adlcp:scormtype="sco" href="{names[0]}">
{listed}
    </resource>
  </resources>
</manifest>
""".encode()
