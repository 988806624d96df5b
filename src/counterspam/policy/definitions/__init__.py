"""What counts as spam in a country, as data: expressions over what is known of a piece of evidence, with three answers."""
