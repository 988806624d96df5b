"""The routers of the repository and of the action plan, for the application to include."""

from counterspam.web.repository import api, lists, moderate, news, plans, propose, sides

# In this order: what has a fixed address before what takes any id.
ROUTERS = (sides.router, lists.router, propose.router, moderate.router, plans.router, news.router, api.router)
