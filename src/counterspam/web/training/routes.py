"""All routes of training, in the order in which they are tried: `/training/{slug}` takes what is left."""

from fastapi import APIRouter, Depends

from counterspam.web import access
from counterspam.web.training import (
    api,
    attendance,
    certificates,
    course_statistics,
    downloads,
    pages,
    quizzes,
    workshops,
)

router = APIRouter()
for _one in (
    api.router,
    certificates.router,
    downloads.router,
    workshops.router,
    attendance.router,
    course_statistics.router,
    quizzes.router,
    pages.router,
):
    router.include_router(_one)
router.add_api_route(
    "/training/{slug}",
    pages.lesson_page,
    methods=["GET"],
    include_in_schema=False,
    dependencies=[Depends(access.public)],
)
