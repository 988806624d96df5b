"""The instruments of policy: laws and practices, definitions, questionnaire, costs, training, reports."""
