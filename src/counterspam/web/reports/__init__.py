"""Reports: their pages, their API, and how their data are frozen and their files made."""
