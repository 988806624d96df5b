"""The pages and API of the questionnaire: for respondents, for the office that asks, for everybody."""

from fastapi import APIRouter


def routers() -> list[APIRouter]:
    """What the application includes. Pages of waves come last, as "answer" and "new" are no waves."""
    from counterspam.web.questionnaire import api, files, inviting, manage, own, pages, reminding, respond, sections

    places = (api, own, respond, sections, files, manage, inviting, reminding, pages)
    return [place.router for place in places]
