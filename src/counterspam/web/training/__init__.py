"""Training on the web: pages for learners and trainers, downloads, and the API under /api/v1/training."""
