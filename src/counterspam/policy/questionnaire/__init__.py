"""The questionnaire to the membership: definitions as data, answers and their checks, files, results with suppression."""
