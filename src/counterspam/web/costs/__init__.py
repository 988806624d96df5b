"""The cost model on the web: calculator, estimator of investments, parameters, saved scenarios, and their API."""
