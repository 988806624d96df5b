"""Training: modules as files, quizzes, exercises, learner paths, certificates, packages for other systems, workshops."""
